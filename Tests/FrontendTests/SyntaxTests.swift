import Diagnostics
import Frontend
import IR
import Testing

@Suite struct SyntaxTests {
  static let head = "apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata:\n  name: test\n"
  static let rules = "  file:\n    matchPaths:\n    - path: /a\n"

  @Test func tabInIndentation() {
    check(Self.head + "spec:\n1️⃣\tfile:\n    matchPaths:\n    - path: /a\n", [Expected("1️⃣", .tabIndentation)])
  }

  @Test func missingSpaceAfterColon() {
    check(
      "apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata:\n  1️⃣name:x\n  namespace: z\nspec:\n"
        + Self.rules,
      [Expected("1️⃣", .missingSpace)]
    )
  }

  @Test func everyErrorNotOnlyTheFirst() {
    let source =
      "apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata:\n  1️⃣name:x\n  namespace: z\nspec:\n"
      + "  tags: [\"a\" 2️⃣\"b\"]\n  message: 3️⃣a: b\n  file:\n    matchPaths:\n    - path: 4️⃣etc/passwd\n    4️⃣"
    let (bytes, _) = unmarked(source)
    let result = Frontend.load(sources: [("x", bytes)])
    #expect(result.diagnostics.map(\.code) == ["ARM1014", "ARM1018", "ARM1021", "ARM1116"])
  }

  @Test func errorInOneDocumentDoesNotHideTheNext() {
    check(
      Self.head + "spec:\n  tags: [1️⃣\"a]\n" + Self.rules + "---\n" + Self.head.replacing("test", with: "other")
        + "spec:\n  file:\n    matchPaths:\n    - path: 2️⃣relative\n---\n",
      [Expected("1️⃣", .brokenQuotes), Expected("2️⃣", .badPath)]
    )
  }

  @Test func duplicateKeyLabelsTheFirst() {
    let result = check(
      policy("file:\n  matchPaths:\n  - path: /a\n1️⃣file:\n  matchPaths:\n  - path: /b"),
      [Expected("1️⃣", .duplicateKey)]
    )
    #expect(result.diagnostics.first?.labels.count == 1)
    #expect(result.policies.first?.policy.isIncomplete == true)
  }

  @Test func emptyDocumentsAndTrailingMarkers() {
    let result = check("---\n" + policy("file:\n  matchPaths:\n  - path: /a") + "---\n# nothing\n---\n...\n", [])
    #expect(result.policies.count == 1)
    #expect(Frontend.load(sources: [("empty", [])]).diagnostics.isEmpty)
  }

  @Test func byteOrderMarkAndLineBreaks() {
    let source = policy("file:\n  matchPaths:\n  - path: 1️⃣a")
    check("\u{FEFF}" + source, [Expected("1️⃣", .badPath)])
    let (bytes, offsets) = unmarked(source.replacing("\n", with: "\r\n"))
    let result = Frontend.load(sources: [("x", bytes)])
    #expect(result.diagnostics.map(\.span?.start) == [offsets["1️⃣"].map(UInt32.init)])
    #expect(result.sourceMap[FileID(index: 0)].position(of: result.diagnostics[0].span?.start ?? 0).line == 8)
  }

  @Test func offsetsBehindMultibyteText() {
    check(
      policy("message: \"日本語のメッセージ — ünïcödé 😀\"\nfile:\n  matchPaths:\n  - path: 1️⃣日本"),
      [Expected("1️⃣", .badPath)]
    )
  }

  @Test func anchorsAliasesAndMergeKeys() {
    let result = check(
      policy("file:\n  matchPaths:\n  - &a\n    path: /a\n    readOnly: true\n  - <<: *a\n    path: /b\n  - *a"),
      []
    )
    #expect(result.policies.first?.policy.rules.map(\.readOnly) == [true, true, true])
    check(
      policy("file:\n  matchPaths:\n  - path: 1️⃣*nothing"),
      [
        Expected("1️⃣", .badAlias), Expected("1️⃣", .badPath),
      ]
    )
  }

  @Test func unclosedQuoteIsFoundWhereItOpens() {
    check(
      policy("file:\n  matchPaths:\n  - path: 1️⃣\"/a\n  - path: \"/b\"\n  - path: \"/c\""),
      [Expected("1️⃣", .brokenQuotes)]
    )
  }

  @Test func templatesAreNamed() {
    check(
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 1️⃣{{ .Values.name }}\n  {{- if .Values.x }}\n",
      [Expected("1️⃣", .template)]
    )
  }

  @Test func encodings() {
    let utf16: [UInt8] = [0xFF, 0xFE] + Array("a: b\n".utf8).flatMap { [$0, 0] }
    #expect(Frontend.load(sources: [("x", utf16)]).diagnostics.map(\.code) == ["ARM1010"])
    #expect(Frontend.load(sources: [("x", Array(utf16.dropFirst(2)))]).diagnostics.map(\.code) == ["ARM1010"])
    let invalid = Array("a: ".utf8) + [0xC3, 0x28, 0x0A]
    let result = Frontend.load(sources: [("x", invalid)])
    #expect(result.diagnostics.first { $0.code == "ARM1008" }?.span?.start == 3)
    let control = Frontend.load(sources: [("x", Array("a: \0\n".utf8))])
    #expect(control.diagnostics.first { $0.code == "ARM1009" }?.span?.start == 3)
  }
}
