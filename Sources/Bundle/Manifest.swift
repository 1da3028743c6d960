/// `manifest.json`: what a bundle holds, the one contract between `build` and everything that reads a bundle.
///
/// Nothing in it depends on the clock, the machine or the order of input files. Arrays are sorted; every file named in it
/// lies inside the bundle.
package struct Manifest: Codable, Hashable, Sendable {
  /// The version of this layout that armorc writes and reads.
  package static let currentFormat = 1
  package static let fileName = "manifest.json"

  package var format: Int
  /// Name and version of the compiler.
  package var compiler: String
  package var options: Options
  /// The files the policies were read from, by name as given on the command line.
  package var sources: [Source]
  package var subjects: [Subject]

  package init(compiler: String, options: Options, sources: [Source], subjects: [Subject]) {
    format = Manifest.currentFormat
    self.compiler = compiler
    self.options = options
    self.sources = sources
    self.subjects = subjects
  }

  /// What was chosen on the command line and has a say in the artifacts.
  package struct Options: Codable, Hashable, Sendable {
    /// Names of the enforcers built for.
    package var targets: [String]
    /// Postures given on the command line; nil where the cluster's configuration decides.
    package var posture: Postures
    /// The base list joined to allow-lists, if any.
    package var base: String?
    /// The named floor under container profiles.
    package var floor: String
    package init(targets: [String], posture: Postures, base: String?, floor: String) {
      self.targets = targets
      self.posture = posture
      self.base = base
      self.floor = floor
    }
  }

  package struct Postures: Codable, Hashable, Sendable {
    package var file: String?
    package var network: String?
    package var capabilities: String?
    package init(file: String?, network: String?, capabilities: String?) {
      self.file = file
      self.network = network
      self.capabilities = capabilities
    }
  }

  package struct Source: Codable, Hashable, Sendable {
    package var file: String
    package var sha256: String
    package init(file: String, sha256: String) {
      self.file = file
      self.sha256 = sha256
    }
  }

  package struct Subject: Codable, Hashable, Sendable {
    /// Also the name of its directory: `[a-z0-9._-]`.
    package var name: String
    /// `container`, `host` or `selection`.
    package var kind: String
    /// What it is, in words: the workload and container, the node, or the selector.
    package var description: String
    package var postures: Postures
    /// SHA-256 of the canonical meaning (`DecisionTable.meaning`): equal digests, equal verdicts.
    package var meaning: String
    package var policies: [String]
    package var rules: [Rule]
    package var notCompiled: [NotCompiled]
    package var artifacts: [Artifact]
    /// What it was built from (`PolicyRecord`); nil where nobody wrote one.
    package var record: Record?
    package init(
      name: String,
      kind: String,
      description: String,
      postures: Postures,
      meaning: String,
      policies: [String],
      rules: [Rule],
      notCompiled: [NotCompiled],
      artifacts: [Artifact],
      record: Record? = nil
    ) {
      self.name = name
      self.kind = kind
      self.description = description
      self.postures = postures
      self.meaning = meaning
      self.policies = policies
      self.rules = rules
      self.notCompiled = notCompiled
      self.artifacts = artifacts
      self.record = record
    }
  }

  package struct Rule: Codable, Hashable, Sendable {
    package var policy: String
    /// Where in the policy, such as `spec.file.matchPaths[2]`.
    package var path: String
    /// `file:line`.
    package var location: String
    /// Enforcer name to its exactness.
    package var exactness: [String: Exactness]
    package init(policy: String, path: String, location: String, exactness: [String: Exactness]) {
      self.policy = policy
      self.path = path
      self.location = location
      self.exactness = exactness
    }
  }

  /// SEMANTICS §8.
  package struct Exactness: Codable, Hashable, Sendable {
    /// `exact`, `stricter`, `looser` or `unsupported`.
    package var label: String
    package var reason: String?
    /// An event that the enforcer decides otherwise, in the event language.
    package var witness: String?
    package init(label: String, reason: String?, witness: String?) {
      self.label = label
      self.reason = reason
      self.witness = witness
    }
  }

  package struct NotCompiled: Codable, Hashable, Sendable {
    package var what: String
    package var reason: String
    package var location: String
    package init(what: String, reason: String, location: String) {
      self.what = what
      self.reason = reason
      self.location = location
    }
  }

  package struct Artifact: Codable, Hashable, Sendable {
    /// The enforcer it is for.
    package var target: String
    /// Path inside the bundle: `<subject>/<file>`.
    package var file: String
    package var bytes: Int
    package var sha256: String
    /// The profile or domain a runtime must enter.
    package var enter: String
    /// How it is built, for people: "one profile", "layout B, 3 source classes".
    package var layout: String
    package init(target: String, file: String, bytes: Int, sha256: String, enter: String, layout: String) {
      self.target = target
      self.file = file
      self.bytes = bytes
      self.sha256 = sha256
      self.enter = enter
      self.layout = layout
    }
  }

  /// A file that describes a subject and is for no enforcer.
  package struct Record: Codable, Hashable, Sendable {
    /// Path inside the bundle: `<subject>/policy.json`.
    package var file: String
    package var bytes: Int
    package var sha256: String
    package init(file: String, bytes: Int, sha256: String) {
      self.file = file
      self.bytes = bytes
      self.sha256 = sha256
    }
  }
}
