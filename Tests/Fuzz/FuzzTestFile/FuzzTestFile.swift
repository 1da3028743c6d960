import Diagnostics
import Frontend
import IR

/// libFuzzer's entry: any bytes read as a file of tests without a trap, twice alike, every span lies inside the file, every
/// part has its span, and what was read is said in the event language that it was read from.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTestFile(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // libFuzzer owns `count` bytes at `bytes` for the length of the call; with no bytes the pointer may be null.
  let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
  let result = Frontend.readTests(name: "input", bytes: input, index: 0)
  let again = Frontend.readTests(name: "input", bytes: input, index: 0)
  precondition(result.diagnostics == again.diagnostics, "not deterministic")
  precondition(result.tests.map(\.suite) == again.tests.map(\.suite), "not deterministic")
  func check(_ span: Span) {
    precondition(span.start <= span.end && Int(span.end) <= input.count, "span outside the file")
  }
  for diagnostic in result.diagnostics {
    for span in [diagnostic.span].compactMap({ $0 }) + diagnostic.labels.map(\.span) + diagnostic.fixes.map(\.span) {
      check(span)
    }
  }
  for loaded in result.tests {
    check(loaded.spans.document)
    loaded.spans.policies.forEach(check)
    precondition(loaded.spans.policies.count == loaded.suite.policies?.count ?? 0, "a path without its place")
    precondition(loaded.spans.tests.count == loaded.suite.tests.count, "a test without its place")
    for (test, spans) in zip(loaded.suite.tests, loaded.spans.tests) {
      check(spans.name)
      check(spans.subject)
      precondition(spans.expectations.count == test.expectations.count, "an expectation without its place")
      for span in spans.expectations { ([span.verdict, span.event] + [span.decider].compactMap { $0 }).forEach(check) }
      for event in test.expectations.flatMap(\.events) {
        guard let back = try? Event(parsing: event.description) else {
          preconditionFailure("\(event) is not read back")
        }
        precondition(back == event, "\(event) reads back as \(back)")
      }
    }
  }
  let map = SourceMap([result.file])
  _ = TextRenderer(colour: true).render(result.diagnostics, map)
  _ = JSONRenderer.render(result.diagnostics, map)
  _ = Frontend.holdsObjects(input)
  return 0
}
