import Analysis
import ArgumentParser
import Diagnostics
import Frontend
import IR
import Runtime

/// The policies that `explain` speaks of.
struct ExplainInput: Sendable {
  let loaded: LoadResult
  let context: ClusterContext
  let base: BaseList?
  let finder: SubjectFinder
  let index: SpanIndex

  init(paths: [String], options: PolicyOptions) throws {
    let files = try InputFiles(paths).read(jobs: options.jobCount)
    loaded = Loading.load(files, jobs: options.jobCount)
    let errors = loaded.diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty else {
      // An answer without the broken policies would be an answer to another question.
      Terminal.error(ConciseRenderer.render(Array(errors.prefix(20)), loaded.sourceMap))
      let rest = errors.count > 20 ? " (20 of \(errors.count) are shown)" : ""
      throw Failure("the policies have errors\(rest); 'armorc lint' explains them")
    }
    context = loaded.clusterContext(postures: options.postures)
    base = options.base?.list
    finder = SubjectFinder(PolicySide(policies: loaded.policies.map(\.policy), context: context, base: base))
    index = SpanIndex(loaded)
  }

  /// The subjects of a query, or all of them.
  func subjects(_ query: SubjectQuery?) throws -> [SubjectPolicy] {
    guard let query else {
      guard !finder.subjects.isEmpty else { throw Failure("no policy applies to anything here") }
      return try finder.subjects.map(whole)
    }
    let found = finder.find(query)
    guard !found.isEmpty else { throw ExplainCommand.usage("--subject: " + ExplainInput.missing(query, finder)) }
    return try found.map(whole)
  }

  /// Why a query finds nothing, and what there is.
  static func missing(_ query: SubjectQuery, _ finder: SubjectFinder) -> String {
    let names = finder.subjects.map(\.name)
    let near = finder.near(query.description)
    var text = "there is no subject '\(query)'"
    if let meant = near.first {
      text += near.count == 1 ? "; did you mean '\(meant)'?" : "; like it are \(near.joined(separator: ", "))"
    } else if names.isEmpty {
      text += "; no policy applies to anything here"
    } else {
      let shown = names.prefix(12).joined(separator: ", ")
      text += "; there are " + shown + (names.count > 12 ? " and \(names.count - 12) more" : "")
    }
    return DisplayText.safe(text)
  }

  /// The subject, unless two policies of one name apply to it: which one counts no file says.
  func whole(_ subject: SubjectPolicy) throws -> SubjectPolicy {
    for (first, second) in zip(subject.policies, subject.policies.dropFirst()) where first.id == second.id {
      throw Failure(
        "\(first.id.kind.rawValue) '\(first.id)' is defined twice (\(first.location), \(second.location)); "
          + "leave one of them out"
      )
    }
    return subject
  }

  /// The files that an event's `policies` names, as far as they were given; nil for all of them.
  func files(of record: EventRecord) -> [String]? {
    let wanted = record.policyFiles
    guard !wanted.isEmpty else { return nil }
    let found = loaded.sourceMap.files.map(\.name).filter { name in
      wanted.contains { name == $0 || name.hasSuffix("/" + $0) }
    }
    return found.isEmpty ? nil : found
  }

  /// The subjects that the policies of some files make.
  func finder(of files: [String]) -> SubjectFinder {
    let names = Set(files)
    let policies = loaded.policies.map(\.policy).filter { names.contains($0.location.file) }
    return SubjectFinder(PolicySide(policies: policies, context: context, base: base))
  }

  /// The answer for people, with source lines.
  var text: ExplanationText {
    let index = index
    return ExplanationText(
      colour: Terminal.wantsColour,
      width: Terminal.width,
      map: loaded.sourceMap,
      span: { index.rule($0)?.subject }
    )
  }
}

/// What `--event-json` names.
enum EventInput {
  /// Largest text of events that is read, in bytes.
  static let maximumSize = 64 << 20

  static func read(_ argument: String) throws -> [EventRecord] {
    let first = argument.first { $0 != " " && $0 != "\t" && $0 != "\n" }
    let isInline = first == "{" || first == "[" || first == "\""
    let bytes: [UInt8]
    do throws(FileError) {
      bytes =
        isInline
        ? Array(argument.utf8)
        : argument == "-"
          ? try FileAccess.readStandardInput(limit: maximumSize) : try FileAccess.read(argument, limit: maximumSize)
    } catch {
      throw Failure("\(error)")
    }
    let read = EventJSON.records(bytes)
    let name = isInline ? "--event-json" : argument == "-" ? "<stdin>" : argument
    let errors = read.errors.map { error in
      DisplayText.safe(name + (error.line.map { ":\($0)" } ?? "") + ": " + error.message)
    }
    if !errors.isEmpty {
      let shown = errors.prefix(20).joined(separator: "\narmorc: ")
      let text = shown + (errors.count > 20 ? "\narmorc: and \(errors.count - 20) more" : "")
      if isInline { throw ExplainCommand.usage(text) }
      throw Failure(text)
    }
    guard !read.records.isEmpty else { throw Failure("\(name): no events") }
    return read.records
  }
}
