/// JSON text in the layout of Foundation's encoder (`prettyPrinted`, `sortedKeys`, `withoutEscapingSlashes`), written
/// straight away: the encoder holds a tree of the whole value, which for a hundred thousand policies takes gigabytes.
struct ManifestText {
  private(set) var bytes: [UInt8] = []
  private var depth: Int
  private var isFirst = true

  /// - Parameter depth: how deep the value stands in what it is to be put into.
  init(depth: Int = 0) { self.depth = depth }

  /// Members must be written in order of their keys.
  mutating func object(_ body: (inout ManifestText) -> Void) { group("{", "}", body) }

  mutating func array<Element>(_ elements: some Sequence<Element>, _ body: (Element, inout ManifestText) -> Void) {
    group("[", "]") { text in
      for element in elements {
        text.next()
        body(element, &text)
      }
    }
  }

  mutating func key(_ key: String) {
    next()
    string(key)
    bytes += [UInt8(ascii: " "), UInt8(ascii: ":"), UInt8(ascii: " ")]
  }

  mutating func member(_ key: String, _ value: String?) {
    guard let value else { return }
    self.key(key)
    string(value)
  }

  mutating func member(_ key: String, _ value: Int) {
    self.key(key)
    bytes += String(value).utf8
  }

  mutating func member<Element>(
    _ key: String,
    _ elements: some Sequence<Element>,
    _ body: (Element, inout ManifestText) -> Void
  ) {
    self.key(key)
    array(elements, body)
  }

  /// Text of a value that was written for this depth.
  mutating func raw(_ text: some Sequence<UInt8>) { bytes += text }

  mutating func string(_ value: String) { JSONString.append(value, to: &bytes) }

  private mutating func group(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout ManifestText) -> Void) {
    bytes.append(UInt8(ascii: open))
    depth += 1
    let outer = isFirst
    isFirst = true
    body(&self)
    // The encoder leaves a line for what an empty group does not hold.
    if isFirst { bytes.append(UInt8(ascii: "\n")) }
    isFirst = outer
    depth -= 1
    breakLine()
    bytes.append(UInt8(ascii: close))
  }

  private mutating func next() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    breakLine()
  }

  private mutating func breakLine() {
    bytes.append(UInt8(ascii: "\n"))
    bytes += repeatElement(UInt8(ascii: " "), count: depth * 2)
  }
}

extension Manifest {
  /// Sorted keys, two spaces, final newline: the same manifest always gives the same bytes.
  package func json() -> [UInt8] { json(subjects: subjects.map(\.json)) }

  /// The text with these subjects, given as their `json`, in place of its own.
  package func json(subjects: some Sequence<[UInt8]>) -> [UInt8] {
    var text = ManifestText()
    text.object { text in
      text.member("compiler", compiler)
      text.member("format", format)
      text.key("options")
      text.object { text in
        text.member("base", options.base)
        text.member("floor", options.floor)
        text.key("posture")
        options.posture.write(into: &text)
        text.member("targets", options.targets) { $1.string($0) }
      }
      text.member("sources", sources) { source, text in
        text.object { text in
          text.member("file", source.file)
          text.member("sha256", source.sha256)
        }
      }
      text.member("subjects", subjects) { $1.raw($0) }
    }
    return text.bytes + [UInt8(ascii: "\n")]
  }
}

extension Manifest.Subject {
  /// Its part of the manifest's text.
  package var json: [UInt8] {
    var text = ManifestText(depth: 2)
    text.object { text in
      text.member("artifacts", artifacts) { artifact, text in
        text.object { text in
          text.member("bytes", artifact.bytes)
          text.member("enter", artifact.enter)
          text.member("file", artifact.file)
          text.member("layout", artifact.layout)
          text.member("sha256", artifact.sha256)
          text.member("target", artifact.target)
        }
      }
      text.member("description", description)
      text.member("kind", kind)
      text.member("meaning", meaning)
      text.member("name", name)
      text.member("notCompiled", notCompiled) { part, text in
        text.object { text in
          text.member("location", part.location)
          text.member("reason", part.reason)
          text.member("what", part.what)
        }
      }
      text.member("policies", policies) { $1.string($0) }
      text.key("postures")
      postures.write(into: &text)
      if let record {
        text.key("record")
        text.object { text in
          text.member("bytes", record.bytes)
          text.member("file", record.file)
          text.member("sha256", record.sha256)
        }
      }
      text.member("rules", rules) { rule, text in
        text.object { text in
          text.key("exactness")
          text.object { text in
            for (target, exactness) in rule.exactness.sorted(by: { $0.key < $1.key }) {
              text.key(target)
              text.object { text in
                text.member("label", exactness.label)
                text.member("reason", exactness.reason)
                text.member("witness", exactness.witness)
              }
            }
          }
          text.member("location", rule.location)
          text.member("path", rule.path)
          text.member("policy", rule.policy)
        }
      }
    }
    return text.bytes
  }
}

extension Manifest.Postures {
  fileprivate func write(into text: inout ManifestText) {
    text.object { text in
      text.member("capabilities", capabilities)
      text.member("file", file)
      text.member("network", network)
    }
  }
}
