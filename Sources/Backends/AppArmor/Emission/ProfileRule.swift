package import IR

/// The profiles of one subject, as values: what the text is printed from and the model is computed from.
package struct ProfileSet: Hashable, Sendable {
  package var subject: String
  package var layout: ProfileLayout
  /// The base profile first, then one per source class.
  package var profiles: [Profile]
}

/// How the profiles of a subject play together (tried in a real kernel, with and without `no_new_privs`).
package enum ProfileLayout: String, Hashable, Sendable {
  /// One profile: no rule that matters names a source.
  case single
  /// Every source only loses rights: its profile is stacked on the base, which stays in force. Exact for the first
  /// process too.
  case restricting
  /// Some source has rights that others lack: a union profile stays in force, and one of its components per source
  /// class, or for all other sources, is stacked on it. Until its first exec the first process has the union.
  case union
  /// A host: the kernel attaches the profiles by path, execs replace them. Does not work under `no_new_privs`.
  case attached
}

package struct Profile: Hashable, Sendable {
  /// What a profile does in its layout.
  package enum Role: Hashable, Sendable {
    /// Decides for source class 0, or for all where there is only one; in the union layout holds the union.
    case base
    /// Decides, or narrows the base, for the sources of group `index` (1...), or for all others if 0 (union layout).
    case component(Int)
  }

  package var name: String
  package var role: Role
  /// Executables that it decides for; empty for all others.
  package var sources: [BytePath]
  /// Set for profiles that the kernel attaches by itself.
  package var attachment: NamePattern?
  /// In the order of printing: by section.
  package var rules: [ProfileRule]
  /// `spec.apparmor` of every policy, printed verbatim; no model speaks of it.
  package var native: [Native]

  package struct Native: Hashable, Sendable {
    package var policy: PolicyID
    package var text: NativeText
  }
}

package struct ProfileRule: Hashable, Sendable {
  package enum Section: Int, Hashable, Sendable, CaseIterable {
    case processes, files, network, capabilities, mediation, floor
  }
  package enum Qualifier: Hashable, Sendable {
    case allow
    /// Grants too.
    case audit
    /// Refused and reported; a plain `deny` would be silent.
    case auditDeny

    package var isDeny: Bool { self == .auditDeny }
  }
  package enum Body: Hashable, Sendable {
    case file(FileRule)
    /// Nil: any. A type without a family stands for every family but the unspecified one.
    case network(family: UInt16?, type: UInt8?)
    /// Nil: all.
    case capability(Capability?)
    /// Rules of classes that no policy speaks of, in the words of the profile language.
    case words(String)
  }

  package var section: Section
  package var qualifier: Qualifier
  package var body: Body
  /// The rules that it comes from, sorted; empty for what comes with the profile.
  package var origins: [Origin]
  /// What the rule is for, for readers; one line once printed.
  package var comment: String

  package init(
    _ section: Section,
    _ qualifier: Qualifier,
    _ body: Body,
    origins: [Origin] = [],
    comment: String = ""
  ) {
    self.section = section
    self.qualifier = qualifier
    self.body = body
    self.origins = origins
    self.comment = comment
  }
}

package struct FileRule: Hashable, Sendable {
  package var owner: OwnerCondition
  package var pattern: NamePattern
  /// Without `append`, which `w` implies, and without `exec`.
  package var bits: FileBits
  /// Exec, and where it leads. In deny rules `inherit`, printed as a plain `x`.
  package var exec: ExecTransition?

  package init(_ pattern: NamePattern, owner: OwnerCondition = .any, bits: FileBits = [], exec: ExecTransition? = nil) {
    self.owner = owner
    self.pattern = pattern
    self.bits = bits
    self.exec = exec
  }
}

extension FileBits {
  /// What reading comprises: opening, listing, locking, executable mappings.
  static let reading: FileBits = [.read, .lock, .map]
  /// What writing comprises, links made included.
  static let writing: FileBits = [.write, .link]
}
