import Diagnostics
import Frontend
import Testing

/// A finding that is expected at a marker of the source.
struct Expected: CustomTestStringConvertible {
  let marker: Character
  let code: FrontendCode
  let severity: Severity
  init(_ marker: Character, _ code: FrontendCode, _ severity: Severity = .error) {
    self.marker = marker
    self.code = code
    self.severity = severity
  }
  var testDescription: String { "\(code) at \(marker)" }
}

/// The source without its markers `1️⃣`…, and the byte offset of each.
func unmarked(_ source: String) -> (bytes: [UInt8], offsets: [Character: Int]) {
  var bytes: [UInt8] = []
  var offsets: [Character: Int] = [:]
  for character in source {
    if character.unicodeScalars.contains("\u{20E3}") {
      offsets[character] = bytes.count
    } else {
      bytes += Array(String(character).utf8)
    }
  }
  return (bytes, offsets)
}

/// Loads a source with markers and compares all its findings, place by place; returns the result.
@discardableResult
func check(_ source: String, _ expected: [Expected], at location: SourceLocation = #_sourceLocation) -> LoadResult {
  let (bytes, offsets) = unmarked(source)
  let result = Frontend.load(sources: [("policy.yaml", bytes)])
  let found = result.diagnostics.map { "\($0.severity.rawValue) \($0.code) at \($0.span.map { Int($0.start) } ?? -1)" }
  let wanted = expected.map { "\($0.severity.rawValue) \($0.code.rawValue) at \(offsets[$0.marker] ?? -1)" }
  #expect(
    found.sorted() == wanted.sorted(),
    "\(TextRenderer().render(result.diagnostics, result.sourceMap))",
    sourceLocation: location
  )
  checkSpans(result, location)
  return result
}

/// Every span of every finding and policy lies inside its file.
func checkSpans(_ result: LoadResult, _ location: SourceLocation = #_sourceLocation) {
  func isInside(_ span: Span) -> Bool {
    result.sourceMap.files.indices.contains(span.file.index) && span.start <= span.end
      && Int(span.end) <= result.sourceMap[span.file].bytes.count
  }
  for diagnostic in result.diagnostics {
    let spans = [diagnostic.span].compactMap { $0 } + diagnostic.labels.map(\.span) + diagnostic.fixes.map(\.span)
    #expect(spans.allSatisfy(isInside), "\(diagnostic)", sourceLocation: location)
  }
  for policy in result.policies {
    let spans =
      [policy.spans.object, policy.spans.name, policy.spans.selector]
      + policy.spans.rules.flatMap {
        [$0.entry, $0.subject, $0.list] + $0.sources
      }
    #expect(spans.allSatisfy(isInside), sourceLocation: location)
  }
}

/// A KubeArmorPolicy with this text under `spec`, indented by two spaces.
func policy(_ spec: String, kind: String = "KubeArmorPolicy") -> String {
  """
  apiVersion: security.kubearmor.com/v1
  kind: \(kind)
  metadata:
    name: test
  spec:

  """ + spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n") + "\n"
}
