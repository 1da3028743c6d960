import Analysis
import Diagnostics
import Frontend
import IR
import Runtime

/// `armorc test --generate`: a first test file for some policies.
struct TestGenerate {
  let command: TestCommand

  func run() throws {
    let options = command.options
    if let output = command.output, !command.force, FileAccess.kind(of: output) != .missing {
      throw Failure("'\(output)' is there already; --force replaces it")
    }
    let files = try InputFiles(command.paths).read(jobs: options.jobCount)
    let policies = TestPolicies(files, options)
    guard policies.errors.isEmpty else {
      Terminal.print(
        TextRenderer(colour: Terminal.wantsColour, width: Terminal.width).render(
          policies.errors,
          policies.loaded.sourceMap
        )
      )
      throw ExitStatus.findings.code
    }
    let subjects = policies.finder.subjects
    guard !subjects.isEmpty else {
      throw Failure("there is no policy to test at \(command.paths.joined(separator: ", "))")
    }
    let progress = Progress("writing tests")
    let draft: TestDraft
    do throws(TestFault) {
      draft = try TestDraft(subjects) { progress.show($0, of: $1) }
    } catch {
      throw Failure(error)
    }
    guard draft.subjects.contains(where: { !$0.sections.isEmpty }) else {
      throw Failure("these policies decide nothing that a test could expect")
    }
    let text = TestFileText.file(
      draft,
      policies: try names(),
      base: options.base?.list,
      statesPostures: !options.posture.isEmpty
    )
    guard let output = command.output else { return Terminal.print(text) }
    do throws(FileError) { try FileWriter.write(output, Array(text.utf8), replaces: command.force) } catch {
      throw Failure("\(error)")
    }
    let count = draft.subjects.flatMap(\.sections).reduce(0) { $0 + $1.entries.count }
    Terminal.print(
      "wrote \(DisplayText.safe(output)): \(Plural.of(count, "expectation")) for \(Plural.of(subjects.count, "subject"))\n"
        + "they notice \(draft.mutants - draft.equivalent - draft.unknown) of \(draft.mutants) small mistakes in rules; "
        + "\(draft.equivalent) mean the same\(draft.unknown == 0 ? "" : ", \(draft.unknown) are too large to compare")"
    )
    for one in draft.subjects {
      if let problem = one.problem { Terminal.error("armorc: \(one.subject.name): \(problem)") }
    }
  }

  /// The paths as the test file has to name them; nil if its own directory is meant.
  private func names() throws -> [String]? {
    let directory = command.output.map(TestPolicyPaths.directory(of:)) ?? "."
    let names = try Set(command.paths).sorted().map { path in
      if path == "-" {
        throw Failure("a test file cannot name standard input: give files and directories with --generate")
      }
      guard let name = TestPolicyPaths.relative(path, to: directory) else {
        throw Failure(
          "'\(path)' cannot be named from '\(directory)'; give both as absolute paths, or both without '..'"
        )
      }
      return name
    }
    return names == ["."] ? nil : names
  }
}
