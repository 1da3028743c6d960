/// Paths as people get them wrong.
extension EventReader {
  static func path(_ word: EventWord) throws(EventSyntaxError) -> BytePath {
    if let path = BytePath(word.bytes) { return path }
    guard let defect = BytePath.defect(of: word.bytes) else {
      throw EventSyntaxError(range: word.range, message: "\(word.name) is no path")
    }
    let message =
      switch defect {
      case .empty: "an empty path"
      case .relative: "\(word.name) is no absolute path"
      case .nul: "a path holds no NUL"
      case .tooLong: "a path of \(word.bytes.count) bytes; the kernel takes \(BytePath.maximumLength)"
      case .emptyComponent: "'//' in a path; the kernel resolves it before it asks"
      case .dotComponent: "'.' or '..' in a path; the kernel resolves them before it asks"
      case .trailingSlash: "a directory stands in an event without a slash at the end"
      }
    let mended = mended(word.bytes, defect)
    throw EventSyntaxError(
      range: word.range,
      message: message,
      expected: [mended?.eventText ?? "an absolute path, such as /usr/bin/curl"],
      hint: mended.map { "write '\($0.eventText)'" } ?? ""
    )
  }

  /// The path that was probably meant.
  private static func mended(_ bytes: [UInt8], _ defect: BytePath.Defect) -> BytePath? {
    let slash = UInt8(ascii: "/")
    switch defect {
    case .empty, .nul, .tooLong: return nil
    // A program's bare name could lie anywhere.
    case .relative where !bytes.contains(slash) || bytes.first == UInt8(ascii: "~"): return nil
    case .relative, .emptyComponent, .dotComponent, .trailingSlash: break
    }
    var components: [ArraySlice<UInt8>] = []
    for component in bytes.split(separator: slash) {
      if component.elementsEqual("..".utf8) {
        _ = components.popLast()
      } else if !component.elementsEqual(".".utf8) {
        components.append(component)
      }
    }
    return components.isEmpty ? .root : BytePath(components.flatMap { [slash] + $0 })
  }
}
