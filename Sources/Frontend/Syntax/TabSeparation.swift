import Diagnostics

/// Finds tabs between a value and a comment or the end of its line. libyaml and Kubernetes read them, other YAML readers
/// (PyYAML, and what is built on it) refuse the file.
enum TabSeparation {
  /// One finding per document, at the first such tab.
  static func report(in text: ArraySlice<UInt8>, _ roots: [Node], _ findings: inout Findings) {
    guard text.contains(UInt8(ascii: "\t")) else { return }
    var scalars: [Range<Int>] = []
    for root in roots { collect(root, into: &scalars) }
    scalars.sort { $0.lowerBound < $1.lowerBound }
    var next = 0
    var index = text.startIndex
    var first: Range<Int>?
    var lines = 0
    while index < text.endIndex {
      while next < scalars.count, scalars[next].upperBound <= index { next += 1 }
      if next < scalars.count, scalars[next].contains(index) {
        index = scalars[next].upperBound
        continue
      }
      let byte = text[index]
      if byte == UInt8(ascii: "#") {
        index = text[index...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
      } else if byte == UInt8(ascii: "\t"), index > text.startIndex, isAfterToken(text, index) {
        let end = text[index...].firstIndex { $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: " ") } ?? text.endIndex
        if first == nil { first = index..<end }
        lines += 1
        index = text[end...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
      } else {
        index += 1
      }
    }
    guard let first else { return }
    let others = lines > 1 ? ["the same on \(lines - 1) further line\(lines == 2 ? "" : "s")"] : []
    let span = findings.span(first)
    findings.add(
      .tabSeparation,
      "tab between a value and what follows it",
      at: span,
      caption: "expected spaces",
      notes: ["Kubernetes reads it, other YAML readers refuse the file"] + others,
      fixes: [FixIt("write a space", span: span, replacement: " ", applicability: .safe)]
    )
  }

  /// Whether something other than blanks stands before it on its line.
  private static func isAfterToken(_ text: ArraySlice<UInt8>, _ index: Int) -> Bool {
    var position = index - 1
    while position >= text.startIndex, text[position] == UInt8(ascii: " ") || text[position] == UInt8(ascii: "\t") {
      position -= 1
    }
    return position >= text.startIndex && text[position] != UInt8(ascii: "\n") && text[position] != UInt8(ascii: "\r")
  }

  private static func collect(_ node: Node, into ranges: inout [Range<Int>]) {
    switch node.content {
    case .scalar: ranges.append(Int(node.span.start)..<Int(node.span.end))
    case .sequence(let items): for item in items { collect(item, into: &ranges) }
    case .mapping(let mapping):
      for entry in mapping.entries {
        ranges.append(Int(entry.key.span.start)..<Int(entry.key.span.end))
        collect(entry.value, into: &ranges)
      }
    }
  }
}
