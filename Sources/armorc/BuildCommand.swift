import ArgumentParser
import Backends
import Bundle
import Diagnostics
import Frontend
import IR
import Runtime

/// `armorc build`: policies to AppArmor profiles and map images, one directory per subject, and a manifest.
struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Compile policies to artifacts for the enforcers.",
    discussion: """
      Writes DIR through a temporary sibling and one rename: either all of it changes or nothing. With an error in any \
      input nothing is written, unless --keep-going leaves the policies at fault out. Ends with 1 if something was \
      refused.
      """
  )

  @Argument(help: ArgumentHelp("Files and directories; - is standard input.", valueName: "path"))
  var paths: [String] = ["."]

  @Option(name: [.short, .long], help: ArgumentHelp("The directory to write.", valueName: "dir"))
  var output: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Enforcers to build for, with commas between them: apparmor (profiles), bpf (map images).",
      valueName: "enforcers"
    )
  )
  var target: [TargetArgument] = [TargetArgument([.apparmor])]

  @Option(
    name: .long,
    help: "What lies under container profiles whatever the policy says: runtime-default or none. Hosts have none."
  )
  var floor: Floor = .runtimeDefault

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What to do about rules that are not exact: error, warn or allow, for all labels or one.",
      discussion: "Labels are stricter (default warn), looser and unsupported (default error).",
      valueName: "[label=]level"
    )
  )
  var inexact: [InexactArgument] = []

  @Flag(name: .long, help: "Leave policies with errors out and build the rest.")
  var keepGoing = false

  @Flag(name: .long, inversion: .prefixedNo, help: "Have apparmor_parser check every profile, where it is installed.")
  var check = true

  @Option(name: .long, help: "How findings are written: text, concise (one line each) or json.")
  var format: LintCommand.Format = .text

  @OptionGroup var options: PolicyOptions

  /// What `target` asks for, each once.
  var enforcers: [Enforcer] { Enforcer.allCases.filter { one in target.contains { $0.enforcers.contains(one) } } }

  func run() throws {
    let files = try InputFiles(paths).read(jobs: options.jobCount)
    let loaded = Loading.load(files, jobs: options.jobCount)
    let run = BuildRun(command: self, loaded: loaded)
    let result = run.build()
    if !result.findings.isEmpty {
      Terminal.print(LintCommand.text(result.findings, loaded.sourceMap, format))
    }
    guard result.isComplete || (keepGoing && !result.subjects.isEmpty) else {
      if result.findings.isEmpty { throw Failure("nothing to build: no policy in \(paths.joined(separator: ", "))") }
      Terminal.error("armorc: nothing was written to '\(output)'")
      throw ExitStatus.findings.code
    }
    let manifest = Manifest(
      compiler: "armorc \(Armorc.version)",
      options: Manifest.Options(
        targets: enforcers.map(\.rawValue),
        posture: Manifest.Postures(
          file: options.postures.file?.rawValue,
          network: options.postures.network?.rawValue,
          capabilities: options.postures.capabilities?.rawValue
        ),
        base: options.base?.list.name,
        floor: floor.rawValue
      ),
      sources: files.map { Manifest.Source(file: $0.name, sha256: sha256($0.bytes)) },
      subjects: []
    )
    let written = try write(manifest, result.subjects)
    if format != .json { Terminal.print(BuildSummary(result, output: output, bytes: written).text) }
    if !result.isComplete { throw ExitStatus.findings.code }
  }

  private func write(_ manifest: Manifest, _ subjects: [BuiltSubject]) throws -> Int {
    try checkOldBundle()
    do throws(FileError) {
      let json = manifest.json(subjects: subjects.lazy.map(\.entry))
      let writer = try DirectoryWriter.start(target: output, marker: Manifest.fileName)
      var bytes = json.count
      try writer.write(Manifest.fileName, json)
      for subject in subjects {
        bytes += subject.record.count
        for artifact in subject.artifacts {
          bytes += artifact.bytes.count
          try writer.write(artifact.file, artifact.bytes)
        }
        try writer.write(subject.recordFile, subject.record)
      }
      try writer.commit()
      return bytes
    } catch {
      throw Failure("\(error)")
    }
  }

  /// Many programs keep a 'manifest.json': what is replaced must be a bundle, and nothing but a bundle.
  private func checkOldBundle() throws {
    let path = output + "/" + Manifest.fileName
    guard FileAccess.kind(of: output) == .directory, FileAccess.kind(of: path) != .missing else { return }
    func refusal(_ reason: String) -> Failure {
      Failure("cannot replace '\(output)': \(reason); remove it or name another directory")
    }
    let old: Manifest
    do {
      old = try Manifest(json: try FileAccess.read(path, limit: Manifest.maximumSize))
    } catch let error as FileError {
      throw Failure("\(error)")
    } catch let error as ManifestError {
      throw refusal("its '\(Manifest.fileName)' is none of armorc's (\(error.message))")
    }
    let own = Set(old.subjects.map(\.name) + [Manifest.fileName])
    let entries: [String]
    do { entries = try FileAccess.entries(of: output) } catch { throw Failure("\(error)") }
    if let other = entries.first(where: { !own.contains($0) }) {
      throw refusal("it holds '\(other)', which armorc did not write")
    }
  }
}
