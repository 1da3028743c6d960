import Diagnostics

/// Reads a file into located trees: one per document, every syntax error reported.
struct YAMLReader {
  private let limits: Limits
  private let file: FileID

  init(file: FileID, limits: Limits) {
    self.file = file
    self.limits = limits
  }

  func read(_ source: SourceFile, _ findings: inout Findings) -> [SourceDocument] {
    let screen = TextScreen(source, limits: limits, &findings)
    guard !screen.isRefused else {
      return [SourceDocument(root: nil, span: findings.span(0..<source.bytes.count), isBroken: true)]
    }
    let ranges = screen.documents()
    guard ranges.count <= limits.documents else {
      let excess = ranges[limits.documents]
      findings.add(
        .tooManyDocuments,
        "file holds \(ranges.count) documents, the limit is \(limits.documents)",
        at: findings.span(excess.lowerBound..<excess.lowerBound)
      )
      return [SourceDocument(root: nil, span: findings.span(0..<source.bytes.count), isBroken: true)]
    }
    var result: [SourceDocument] = []
    var damage = screen.damage[...]
    for range in ranges {
      damage = damage.drop { $0 < range.lowerBound }
      let isDamaged = damage.first.map(range.contains) ?? false
      let text = screen.bytes[range]
      let documents = read(text, isDamaged: isDamaged, hasTabs: screen.hasTabs, &findings)
      result += documents
    }
    return result
  }

  private func read(_ text: ArraySlice<UInt8>, isDamaged: Bool, hasTabs: Bool, _ findings: inout Findings)
    -> [SourceDocument]
  {
    let whole = findings.span(text.startIndex..<text.endIndex)
    guard text.count <= limits.documentBytes else {
      findings.add(
        .documentTooLarge,
        "document of \(text.count) bytes is larger than the limit of \(limits.documentBytes)",
        at: whole.startPoint
      )
      return [SourceDocument(root: nil, span: whole, isBroken: true)]
    }
    let outcome = parse(text, OffsetMap(text))
    guard let failure = outcome.failure else {
      // `{{ .Values.x }}` is YAML: a mapping whose key is a mapping.
      if outcome.findings.contains(where: { $0.code == FrontendCode.keyNotString.rawValue }),
        let diagnostic = TemplateMark.diagnostic(in: text, file: file)
      {
        report(template: diagnostic, &findings)
        return [SourceDocument(root: nil, span: whole, isBroken: true)]
      }
      outcome.findings.forEach { findings.add($0) }
      if hasTabs { TabSeparation.report(in: text, outcome.documents.compactMap(\.root), &findings) }
      guard isDamaged else { return outcome.documents }
      return outcome.documents.map { SourceDocument(root: $0.root, span: $0.span, isBroken: true) }
    }
    return recover(text, failure, &findings)
  }

  /// Once per file.
  private func report(template: Diagnostic, _ findings: inout Findings) {
    if !findings.list.contains(where: { $0.code == template.code }) { findings.add(template) }
  }

  /// Reports a syntax error, repairs it as its author probably would, and reads on.
  private func recover(
    _ text: ArraySlice<UInt8>,
    _ first: LocatedFailure,
    _ findings: inout Findings
  ) -> [SourceDocument] {
    let whole = findings.span(text.startIndex..<text.endIndex)
    let lost = [SourceDocument(root: nil, span: whole, isBroken: true)]
    if let diagnostic = TemplateMark.diagnostic(in: text, file: file) {
      report(template: diagnostic, &findings)
      return lost
    }
    var repaired = RepairedText(text)
    var failure = first
    var isReliable = true
    var reported: Set<Diagnostic> = []
    for _ in 0..<limits.repairs {
      let repair = SyntaxRepair(repaired, failure, file: file).make()
      // The same finding again: the repair did not help.
      guard reported.insert(repair.diagnostic).inserted else { return lost }
      findings.add(repair.diagnostic)
      guard !repair.edits.isEmpty else { return lost }
      isReliable = isReliable && repair.isReliable
      repaired.apply(repair.edits)
      guard repaired.bytes.count <= 2 * limits.documentBytes else { return lost }
      let outcome = parse(repaired.bytes[...], OffsetMap(repaired.bytes[...], repaired: repaired))
      guard let next = outcome.failure else {
        guard isReliable else { return lost }
        outcome.findings.forEach { findings.add($0) }
        return outcome.documents.map { SourceDocument(root: $0.root, span: $0.span, isBroken: true) }
      }
      failure = next
    }
    return lost
  }

  private struct Outcome {
    var documents: [SourceDocument] = []
    var failure: LocatedFailure?
    var findings: [Diagnostic] = []
  }

  private func parse(_ text: ArraySlice<UInt8>, _ map: OffsetMap) -> Outcome {
    let result = EventParser.reading(text) { parser in
      var outcome = Outcome()
      var findings = Findings(file: file, limit: limits.findings)
      var builder = TreeBuilder(limits: limits)
      var start: SourceOffset = 0
      do {
        while let located = try parser.next() {
          let span = Span(file: file, start: map.offset(located.start), end: map.offset(located.end))
          switch located.event {
          case .documentStart:
            builder = TreeBuilder(limits: limits)
            start = span.start
          case .documentEnd:
            let whole = Span(file: file, start: start, end: span.end)
            outcome.documents.append(SourceDocument(root: builder.root, span: whole, isBroken: builder.isBroken))
          default: try builder.take(located.event, span, &findings)
          }
        }
      } catch let error as EventError {
        outcome.failure = LocatedFailure(error.failure, map)
      } catch {
        let whole = Span(file: file, start: start, end: map.offset(Int.max / 2))
        outcome.documents.append(SourceDocument(root: nil, span: whole, isBroken: true))
      }
      outcome.findings = findings.list
      return outcome
    }
    guard let result else {
      var outcome = Outcome()
      outcome.failure = LocatedFailure(problem: "out of memory", index: text.startIndex)
      return outcome
    }
    return result
  }
}

/// A failure of libyaml with byte indices into the text it read.
struct LocatedFailure {
  let problem: String
  let index: Int
  let context: String
  let contextIndex: Int?

  init(_ failure: YAMLFailure, _ map: OffsetMap) {
    problem = failure.problem
    index = map.index(failure.position)
    context = failure.context
    contextIndex = failure.contextPosition.map(map.index)
  }

  init(problem: String, index: Int) {
    self.problem = problem
    self.index = index
    context = ""
    contextIndex = nil
  }
}
