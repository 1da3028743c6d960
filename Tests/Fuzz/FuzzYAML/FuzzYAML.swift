import Diagnostics
import Frontend

/// libFuzzer's entry: any bytes load without a trap, twice alike, every span lies inside the file, and every renderer takes
/// the findings.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzYAML(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // libFuzzer owns `count` bytes at `bytes` for the length of the call; with no bytes the pointer may be null.
  let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
  let result = Frontend.load(sources: [("input", input)])
  precondition(result.diagnostics == Frontend.load(sources: [("input", input)]).diagnostics, "not deterministic")
  for diagnostic in result.diagnostics {
    let spans = [diagnostic.span].compactMap { $0 } + diagnostic.labels.map(\.span) + diagnostic.fixes.map(\.span)
    for span in spans { precondition(span.start <= span.end && Int(span.end) <= input.count, "span outside the file") }
  }
  for policy in result.policies {
    for rule in policy.spans.rules {
      for span in [rule.entry, rule.subject, rule.list] + rule.sources {
        precondition(span.start <= span.end && Int(span.end) <= input.count, "span outside the file")
      }
    }
  }
  _ = TextRenderer(colour: true).render(result.diagnostics, result.sourceMap)
  _ = JSONRenderer.render(result.diagnostics, result.sourceMap)
  return 0
}
