import Diagnostics

/// Why a document's tree could not be finished, though its YAML may be sound.
struct LimitExceeded: Error {}

/// Builds the tree of one document from events, without recursion; every limit is checked before memory is used.
struct TreeBuilder {
  private struct Frame {
    enum Kind { case sequence, mapping }
    let kind: Kind
    let start: SourceOffset
    let isFlow: Bool
    let anchor: String?
    var items: [Node] = []
    var entries: [Entry] = []
    var key: Key?
    /// A complex key was reported; its value is dropped.
    var skipsValue = false
    /// Expanded number of nodes in here.
    var size = 1
    var merges: [(Node, Span)] = []
    var mergeKey: Span?
  }

  private struct Anchored {
    let node: Node
    let size: Int
  }

  private let limits: Limits
  private var frames: [Frame] = []
  private var anchors: [String: Anchored] = [:]
  private var nodeCount = 0
  private var aliasCount = 0
  private(set) var root: Node?
  /// A finding was reported that leaves the tree incomplete.
  private(set) var isBroken = false

  init(limits: Limits) {
    self.limits = limits
  }

  mutating func take(_ event: YAMLEvent, _ span: Span, _ findings: inout Findings) throws(LimitExceeded) {
    switch event {
    case .documentStart, .documentEnd, .other: break
    case .scalar(let value, let style, let tag, let anchor):
      try count(span, &findings)
      if value.utf8.count > limits.scalarBytes {
        findings.add(
          .scalarTooLong,
          "value of \(value.utf8.count) bytes is longer than the limit of \(limits.scalarBytes)",
          at: span.startPoint
        )
        throw LimitExceeded()
      }
      if isMergeKey(value, style, tag) {
        frames[frames.count - 1].mergeKey = span
        return
      }
      let resolvedTag = coreTag(tag, style: style, span, &findings)
      let scalar = Scalar(value: value, style: style, tag: resolvedTag)
      finish(Node(span: span, content: .scalar(scalar)), size: 1, anchor: anchor, &findings)
    case .alias(let name):
      try count(span, &findings)
      try expand(name, span, &findings)
    case .sequenceStart(_, let anchor, let isFlow): try open(.sequence, span, anchor, isFlow, &findings)
    case .mappingStart(_, let anchor, let isFlow): try open(.mapping, span, anchor, isFlow, &findings)
    case .sequenceEnd, .mappingEnd: close(span, &findings)
    }
  }

  private mutating func count(_ span: Span, _ findings: inout Findings) throws(LimitExceeded) {
    nodeCount += 1
    guard nodeCount > limits.nodes else { return }
    findings.add(.tooManyNodes, "document holds more than \(limits.nodes) values", at: span.startPoint)
    throw LimitExceeded()
  }

  private mutating func open(
    _ kind: Frame.Kind,
    _ span: Span,
    _ anchor: String?,
    _ isFlow: Bool,
    _ findings: inout Findings
  ) throws(LimitExceeded) {
    try count(span, &findings)
    guard frames.count < limits.depth else {
      findings.add(
        .nestedTooDeep,
        "lists and mappings are nested deeper than \(limits.depth) levels",
        at: span.startPoint,
        caption: "level \(limits.depth + 1) starts here"
      )
      throw LimitExceeded()
    }
    frames.append(Frame(kind: kind, start: span.start, isFlow: isFlow, anchor: anchor))
  }

  private mutating func close(_ span: Span, _ findings: inout Findings) {
    guard var frame = frames.popLast() else { return }
    var end = max(span.end, frame.start)
    if !frame.isFlow {
      // libyaml ends a block collection where the next token starts; people mean the end of its last value.
      let last = frame.kind == .sequence ? frame.items.last?.span : frame.entries.last?.value.span
      if let last, last.end >= frame.start { end = last.end }
    }
    let whole = Span(file: span.file, start: frame.start, end: end)
    switch frame.kind {
    case .sequence:
      finish(Node(span: whole, content: .sequence(frame.items)), size: frame.size, anchor: frame.anchor, &findings)
    case .mapping:
      dropDuplicates(&frame, &findings)
      merge(&frame, &findings)
      let node = Node(span: whole, content: .mapping(Mapping(entries: frame.entries)))
      finish(node, size: frame.size, anchor: frame.anchor, &findings)
    }
  }

  /// A node is complete: it becomes an item, a key, a value or the root.
  private mutating func finish(_ node: Node, size: Int, anchor: String?, _ findings: inout Findings) {
    if let anchor { anchors[anchor] = Anchored(node: node, size: size) }
    guard var frame = frames.popLast() else {
      root = node
      return
    }
    frame.size += size
    switch frame.kind {
    case .sequence: frame.items.append(node)
    case .mapping:
      if let merge = frame.mergeKey {
        frame.merges.append((node, merge))
        frame.mergeKey = nil
      } else if let key = frame.key {
        frame.entries.append(Entry(key: key, value: node))
        frame.key = nil
      } else if frame.skipsValue {
        frame.skipsValue = false
      } else if case .scalar(let scalar) = node.content {
        frame.key = Key(name: scalar.value, span: node.span)
      } else {
        isBroken = true
        frame.skipsValue = true
        findings.add(.keyNotString, "\(node.kindName) is used as a key", at: node.span, notes: ["keys are strings"])
      }
    }
    frames.append(frame)
  }

  private func isMergeKey(_ value: String, _ style: Scalar.Style, _ tag: String?) -> Bool {
    guard value == "<<", style == .plain, tag == nil, let frame = frames.last else { return false }
    return frame.kind == .mapping && frame.key == nil && !frame.skipsValue && frame.mergeKey == nil
  }

  private mutating func expand(_ name: String, _ span: Span, _ findings: inout Findings) throws(LimitExceeded) {
    guard let anchored = anchors[name] else {
      isBroken = true
      findings.add(
        .badAlias,
        "alias \(quoted("*" + name)) refers to no anchor",
        at: span,
        notes: ["a value that starts with '*' must be quoted"],
        fixes: [FixIt("quote the value", span: span, replacement: "\"*\(name)\"", applicability: .unsafe)]
      )
      finish(
        Node(span: span, content: .scalar(Scalar(value: "*" + name, style: .quoted))),
        size: 1,
        anchor: nil,
        &findings
      )
      return
    }
    try spend(anchored.size, span, &findings)
    finish(Node(span: span, content: anchored.node.content), size: anchored.size, anchor: nil, &findings)
  }

  private mutating func spend(_ size: Int, _ span: Span, _ findings: inout Findings) throws(LimitExceeded) {
    aliasCount += size
    guard aliasCount > limits.aliasNodes else { return }
    findings.add(.aliasesTooLarge, "aliases expand to more than \(limits.aliasNodes) values", at: span)
    throw LimitExceeded()
  }

  private mutating func dropDuplicates(_ frame: inout Frame, _ findings: inout Findings) {
    let entries = frame.entries
    var firsts: [String: Int] = [:]
    var kept: [Entry] = []
    let isSmall = entries.count <= 12
    for (index, entry) in entries.enumerated() {
      let first: Int?
      if isSmall {
        first = entries[..<index].firstIndex { $0.key.name == entry.key.name }
      } else {
        first = firsts[entry.key.name]
        if first == nil { firsts[entry.key.name] = index }
      }
      guard let first else {
        kept.append(entry)
        continue
      }
      isBroken = true
      findings.add(
        .duplicateKey,
        "key \(quoted(entry.key.name)) is given twice in one mapping",
        at: entry.key.span,
        caption: "given again here",
        labels: [Label(entries[first].key.span, "first given here")],
        notes: [
          "expected every key once: Kubernetes keeps only the last one, in silence; what stands under the other is lost"
        ]
      )
    }
    if kept.count != entries.count { frame.entries = kept }
  }

  /// `<<: *anchor` or `<<: [*a, *b]`: own keys win, then the first of the merged ones (go-yaml, YAML 1.1).
  private mutating func merge(_ frame: inout Frame, _ findings: inout Findings) {
    guard !frame.merges.isEmpty else { return }
    var names = Set(frame.entries.map(\.key.name))
    for (node, key) in frame.merges {
      let sources = node.sequence ?? [node]
      for source in sources {
        guard let mapping = source.mapping else {
          isBroken = true
          findings.add(.badMerge, "merge key '<<' refers to \(source.kindName)", at: key, notes: ["expected a mapping"])
          continue
        }
        for entry in mapping.entries where names.insert(entry.key.name).inserted { frame.entries.append(entry) }
      }
    }
  }

  private mutating func coreTag(
    _ tag: String?,
    style: Scalar.Style,
    _ span: Span,
    _ findings: inout Findings
  ) -> Scalar.Tag? {
    guard let tag else { return nil }
    switch tag {
    case "!", "tag:yaml.org,2002:str": return .string
    case "tag:yaml.org,2002:int": return .integer
    case "tag:yaml.org,2002:float": return .number
    case "tag:yaml.org,2002:bool": return .boolean
    case "tag:yaml.org,2002:null": return .null
    default:
      isBroken = true
      findings.add(
        .unsupportedTag,
        "tag \(quoted(tag)) is not supported",
        at: span,
        notes: ["expected a plain value; a value that starts with '!' must be quoted"]
      )
      return nil
    }
  }
}
