import ArgumentParser
import Backends
import Bundle
import Diagnostics
import Frontend
import IR
import Runtime

/// `armorc verify`: decodes the compiled artifacts of a bundle and proves them equal to the policies.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove that the artifacts of a bundle say what the policies say.",
    discussion: """
      Compiles every profile with apparmor_parser, decodes the binary, and compares it with the policies by automaton \
      equivalence: every source, operation, owner condition, socket and capability. Walks every map image beside the \
      decision table, over all states; then the kernel runs the compiled matcher on it, for a witness of every cell and for \
      generated events, where this process may use bpf(). Nothing is attached. Reads the policies from the files \
      that the manifest names, or from --policies. Ends with 0 if all is proved, 1 if not, 3 if it could not be tried.
      """
  )

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }
  enum ProgramUse: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

  @Argument(help: ArgumentHelp("A directory that 'armorc build' wrote.", valueName: "dir"))
  var bundle: String

  @Option(
    name: .long,
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files and directories that hold the policies, instead of those the manifest names.",
      valueName: "path"
    )
  )
  var policies: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Whether the kernel runs the compiled matcher on map images: auto (if it can), always (else status 3) or never.",
      valueName: "when"
    )
  )
  var program: ProgramUse = .auto

  @Option(name: .long, help: ArgumentHelp("How many events to generate per map image for it.", valueName: "n"))
  var events: Int = 10_000

  @Option(name: .long, help: ArgumentHelp("What generated events are drawn from.", valueName: "n"))
  var seed: UInt32 = 1

  @Option(name: .long, help: "How the result is written: text or json.")
  var format: Format = .text

  @Option(name: [.short, .long], help: "How many subjects to work on at a time (default: all cores).")
  var jobs: Int?

  func validate() throws {
    if let jobs, !(1...256).contains(jobs) {
      throw ValidationError("--jobs takes a whole number from 1 to 256, not \(jobs)")
    }
    if !(0...VerifyCommand.maximumEvents).contains(events) {
      throw ValidationError("--events takes a whole number from 0 to \(VerifyCommand.maximumEvents), not \(events)")
    }
  }

  private static let maximumEvents = 1_000_000_000

  func run() throws {
    let jobs = self.jobs ?? Machine.coreCount
    let manifest: Manifest
    do {
      manifest = try Manifest(
        json: try FileAccess.read(bundle + "/" + Manifest.fileName, limit: Manifest.maximumSize)
      )
    } catch let error as FileError {
      throw Failure("\(error)")
    } catch let error as ManifestError {
      throw Failure("'\(bundle)/\(Manifest.fileName)': \(error.message)")
    }
    let needsParser = manifest.subjects.contains { $0.artifacts.contains { $0.target == Enforcer.apparmor.rawValue } }
    let parser = needsParser ? AppArmorParser.locate(features: KernelFeatures.text) : nil
    if needsParser && parser == nil {
      throw Failure("verifying needs apparmor_parser, which is not installed (Debian: apt-get install apparmor)")
    }
    let hasImages = manifest.subjects.contains { $0.artifacts.contains { $0.target == Enforcer.bpf.rawValue } }
    if !hasImages, program == .always {
      throw Failure("there is no map image to run the compiled matcher on (armorc build --target bpf)")
    }
    let program = try ProgramRun(hasImages ? program : .never, events: events, seed: UInt64(seed))
    let run = VerifyRun(
      bundle: bundle,
      manifest: manifest,
      parser: parser,
      program: program,
      subjects: try subjects(manifest, jobs: jobs)
    )
    let results = run.verify(jobs: jobs)
    Terminal.print(format == .json ? VerifyReport.json(results, program) : VerifyReport.text(results, program))
    if results.contains(where: \.isUntried) { throw ExitStatus.failure.code }
    if !results.allSatisfy(\.isProved) { throw ExitStatus.findings.code }
  }

  /// What the policies say now, by subject.
  private func subjects(_ manifest: Manifest, jobs: Int) throws -> [String: SubjectPolicy] {
    let paths = policies.isEmpty ? manifest.sources.map(\.file) : policies
    if policies.isEmpty && paths.contains("-") {
      throw Failure("the bundle was built from standard input; name the policies with --policies")
    }
    let files: [(name: String, bytes: [UInt8])]
    do {
      files = try InputFiles(paths).read(jobs: jobs)
    } catch let failure as Failure where policies.isEmpty {
      throw Failure(failure.message + "; name the policies with --policies")
    }
    let loaded = Loading.load(files, jobs: jobs)
    func posture(_ text: String?) throws -> Posture? {
      guard let text else { return nil }
      guard let posture = Posture(rawValue: text) else { throw Failure("the manifest names a posture '\(text)'") }
      return posture
    }
    let options = manifest.options
    let postures = PartialPostures(
      file: try posture(options.posture.file),
      network: try posture(options.posture.network),
      capabilities: try posture(options.posture.capabilities)
    )
    let base = try options.base.map { name in
      guard let list = BaseList.named(name) else { throw Failure("the manifest names a base list '\(name)'") }
      return list
    }
    let resolution = Resolution(
      policies: BuildRun.sound(loaded.policies).map(\.policy),
      context: loaded.clusterContext(postures: postures),
      base: base
    )
    return Dictionary(resolution.subjects.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
