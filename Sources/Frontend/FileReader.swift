package import Diagnostics
import IR

/// What one file holds.
package struct FileResult: Sendable {
  package let file: SourceFile
  package let policies: [LoadedPolicy]
  package let context: ManifestContext
  /// One per document of a file of tests, in order.
  package let tests: [LoadedTests]
  package let diagnostics: [Diagnostic]
}

/// Reads one file: documents, kinds, policies and context.
struct FileReader {
  private let reader: ObjectReader
  private var manifests: ManifestDecoder
  private var policies: [LoadedPolicy] = []
  /// Kinds that are passed over, with the place of the first and how often.
  private var others: [(name: String, span: Span, count: Int)] = []

  private init(_ reader: ObjectReader) {
    self.reader = reader
    manifests = ManifestDecoder(reader: reader)
  }

  static func readTests(_ source: SourceFile, _ id: FileID, _ limits: Limits, _ mode: TestFileMode) -> FileResult {
    var findings = Findings(file: id, limit: limits.findings)
    let documents = YAMLReader(file: id, limits: limits).read(source, &findings)
    // Whatever else is wrong with a file that is passed over is no matter of this command.
    let reader = ObjectReader(
      findings: mode == .passOver ? Findings(file: id, limit: limits.findings) : findings,
      source: source
    )
    var tests: [LoadedTests] = []
    for document in documents {
      guard let root = document.root else { continue }
      switch mode {
      case .passOver: if TestDecoder.isObject(root) { TestDecoder.reportObject(root, reader) }
      case .read:
        var decoder = TestDecoder(reader)
        if let suite = decoder.suite(root, isBroken: document.isBroken) { tests.append(suite) }
      }
    }
    let whole = Span(file: id, start: 0, end: SourceOffset(clamping: source.bytes.count))
    if mode == .read, tests.isEmpty, reader.findings.errorCount == 0 {
      reader.findings.add(.emptyTest, "file holds no test", at: whole.startPoint, caption: "expected 'tests'")
    }
    return FileResult(
      file: source,
      policies: [],
      context: ManifestContext(),
      tests: tests,
      diagnostics: reader.findings.finished(whole)
    )
  }

  static func read(_ source: SourceFile, _ id: FileID, _ limits: Limits) -> FileResult {
    var findings = Findings(file: id, limit: limits.findings)
    let documents = YAMLReader(file: id, limits: limits).read(source, &findings)
    var file = FileReader(ObjectReader(findings: findings, source: source))
    for document in documents {
      guard let root = document.root else { continue }
      file.object(root, isBroken: document.isBroken, depth: 0)
    }
    file.nameOthers()
    let whole = Span(file: id, start: 0, end: SourceOffset(clamping: source.bytes.count))
    return FileResult(
      file: source,
      policies: file.policies,
      context: file.manifests.context,
      tests: [],
      diagnostics: file.reader.findings.finished(whole)
    )
  }

  private mutating func object(_ root: Node, isBroken: Bool, depth: Int) {
    guard let mapping = root.mapping else {
      if root.isNull { return }
      if root.sequence != nil || depth > 0 {
        other("a list", root.span)
      } else {
        reader.findings.add(
          .notAnObject,
          "document is \(root.kindName), expected a Kubernetes object",
          at: reader.firstLine(root.span),
          notes: ["expected 'apiVersion', 'kind', 'metadata' and 'spec'"]
        )
      }
      return
    }
    let kindNode = mapping["kind"]
    let kind = text(kindNode) ?? ""
    let apiVersion = text(mapping["apiVersion"]) ?? ""
    if kind == "List" || (kind.hasSuffix("PolicyList") && apiVersion.hasPrefix(PolicySchema.group)) {
      guard depth < 4 else { return }
      for item in mapping["items"]?.sequence ?? [] { object(item, isBroken: isBroken, depth: depth + 1) }
      return
    }
    if let policyKind = PolicyKind(rawValue: kind), policyKind != .base {
      if let policy = PolicyDecoder.decode(root, policyKind, isBroken: isBroken, reader) { policies.append(policy) }
      return
    }
    if manifests.decode(mapping, kind: kind, apiVersion: apiVersion, span: root.span) { return }
    if isPolicyLike(mapping, kind, apiVersion) {
      misnamedKind(root, mapping, kindNode, kind, apiVersion, isBroken)
    } else {
      other(kind.isEmpty ? "a mapping without 'kind'" : kind, kindNode?.span ?? reader.kindSpan(root))
    }
  }

  private func text(_ node: Node?) -> String? {
    guard case .scalar(let scalar) = node?.content else { return nil }
    return scalar.value
  }

  private static let kinds = PolicyKind.allCases.filter { $0 != .base }.map(\.rawValue)

  private func isPolicyLike(_ mapping: Mapping, _ kind: String, _ apiVersion: String) -> Bool {
    if apiVersion.hasPrefix(PolicySchema.group) { return true }
    if !kind.isEmpty { return Spelling.correction(of: kind, among: FileReader.kinds) != nil }
    let spec = mapping["spec"]?.mapping
    return spec?.entries.contains { ["process", "file", "network", "capabilities"].contains($0.key.name) } ?? false
  }

  private mutating func misnamedKind(
    _ root: Node,
    _ mapping: Mapping,
    _ node: Node?,
    _ kind: String,
    _ apiVersion: String,
    _ isBroken: Bool
  ) {
    let wrong = mapping.entries.first { $0.key.name.lowercased() == "kind" || $0.key.name.lowercased() == "type" }
    guard let node, !kind.isEmpty else {
      reader.findings.add(
        .unknownKind,
        wrong.map { "unknown field \(quoted($0.key.name)), expected 'kind'" } ?? "policy has no 'kind'",
        at: wrong?.key.span ?? reader.kindSpan(root),
        caption: "expected \(alternatives(FileReader.kinds))"
      )
      return
    }
    let meant = Spelling.correction(of: kind, among: FileReader.kinds)
    reader.findings.add(
      .unknownKind,
      "unknown kind \(quoted(kind))\(apiVersion.isEmpty ? "" : " of \(quoted(apiVersion))")",
      at: node.span,
      caption: meant.map { "did you mean '\($0)'?" } ?? "expected \(alternatives(FileReader.kinds))",
      fixes: meant.map { [FixIt("write '\($0)'", span: node.span, replacement: $0, applicability: .unsafe)] } ?? []
    )
    guard let policyKind = meant.flatMap(PolicyKind.init(rawValue:)) else { return }
    if let policy = PolicyDecoder.decode(root, policyKind, isBroken: true, reader) { policies.append(policy) }
  }

  private mutating func other(_ name: String, _ span: Span) {
    if let index = others.firstIndex(where: { $0.name == name }) {
      others[index].count += 1
    } else if others.count < 64 {
      others.append((name, span, 1))
    }
  }

  /// One note for all documents of other kinds.
  private func nameOthers() {
    guard let first = others.first else { return }
    let count = others.reduce(0) { $0 + $1.count }
    let names = others.prefix(6).map { $0.count == 1 ? $0.name : "\($0.name) (\($0.count))" }
    let shown = names.joined(separator: ", ") + (others.count > 6 ? " and others" : "")
    reader.findings.add(
      .otherKind,
      "\(count == 1 ? "1 document" : "\(count) documents") passed over: \(shown)",
      at: reader.firstLine(first.span),
      severity: .note
    )
  }
}
