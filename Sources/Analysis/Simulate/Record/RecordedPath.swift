import IR

/// Paths as recorders write them, made into paths as the kernel sees them.
enum RecordedPath {
  private static let slash = UInt8(ascii: "/")

  /// An absolute path, with repeated and final slashes and `.` components removed; nil for anything else. `..` is
  /// refused: what it leads to depends on links.
  static func absolute(_ text: ArraySlice<UInt8>) -> BytePath? {
    guard text.first == slash else { return nil }
    if let path = BytePath(Array(text)) { return path }
    return joined(text)
  }

  /// A path that may be relative to `directory`, which may be empty.
  static func read(_ text: ArraySlice<UInt8>, in directory: ArraySlice<UInt8> = []) -> PartialEvent.Path {
    if let path = absolute(text) { return .known(path) }
    if text.first != slash, directory.first == slash, !text.isEmpty,
      let path = joined(directory + [slash] + text)
    {
      return .known(path)
    }
    if text.isEmpty { return .unknown("none is recorded") }
    let parts = text.split(separator: slash)
    if let last = parts.last, !last.contains(0), !last.elementsEqual([UInt8(ascii: ".")]),
      !last.elementsEqual(Array("..".utf8)), last.count <= 255
    {
      return .named(Array(last))
    }
    return .unknown("'\(printable(text.prefix(80)))' is none")
  }

  private static func joined(_ text: ArraySlice<UInt8>) -> BytePath? {
    var result: [UInt8] = []
    for component in text.split(separator: slash) {
      if component.elementsEqual([UInt8(ascii: ".")]) { continue }
      result.append(slash)
      result += component
    }
    return BytePath(result.isEmpty ? [slash] : result)
  }
}
