/// An absolute path as the kernel sees it: a byte string, not text.
///
/// INVARIANT: starts with `/`; no NUL, no empty, `.` or `..` component, no trailing slash (but for `/` itself); at most
/// 4,095 bytes. Every initialiser checks it.
package struct BytePath: Hashable, Sendable, Comparable {
  package let bytes: [UInt8]

  /// Longest path in bytes: `PATH_MAX` less the final NUL.
  package static let maximumLength = 4095

  package static let root = BytePath(unchecked: [UInt8(ascii: "/")])

  /// Nil when the bytes are no such path.
  package init?(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    guard BytePath.defect(of: bytes) == nil else { return nil }
    self.bytes = bytes
  }

  /// Not generic, so that calls from other targets make no copy through a witness table.
  package init?(_ bytes: [UInt8]) {
    guard BytePath.defect(of: bytes) == nil else { return nil }
    self.bytes = bytes
  }

  package init?(_ text: String) { self.init(Array(text.utf8)) }

  private init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  /// Why some bytes are no path.
  package enum Defect: Hashable, Sendable {
    case empty, relative, nul, tooLong, emptyComponent, dotComponent, trailingSlash
  }

  private static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")

  /// What keeps `bytes` from being a path, or nil.
  package static func defect(of bytes: [UInt8]) -> Defect? {
    guard let first = bytes.first else { return .empty }
    if first != UInt8(ascii: "/") { return .relative }
    if bytes.contains(0) { return .nul }
    if bytes.count > maximumLength { return .tooLong }
    if bytes.count == 1 { return nil }
    if bytes.last == slash { return .trailingSlash }
    // Components end at a slash or at the end. No list of them is made: every path of a stream comes by here.
    var start = 1
    for end in 1...bytes.count where end == bytes.count || bytes[end] == slash {
      if end == start { return .emptyComponent }
      if bytes[start] == dot, end == start + 1 || (end == start + 2 && bytes[start + 1] == dot) { return .dotComponent }
      start = end + 1
    }
    return nil
  }

  /// The last component; empty for `/`.
  package var basename: ArraySlice<UInt8> {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[...] }
    return bytes[(slash + 1)...]
  }

  /// The directory that holds it; nil for `/`.
  package var parent: BytePath? {
    guard bytes.count > 1, let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    return slash == 0 ? .root : BytePath(unchecked: Array(bytes[..<slash]))
  }

  /// Whether `self` lies below `directory`, at any depth; not true of the directory itself.
  package func isBelow(_ directory: BytePath) -> Bool {
    if directory == .root { return self != .root }
    return bytes.count > directory.bytes.count && bytes.starts(with: directory.bytes)
      && bytes[directory.bytes.count] == UInt8(ascii: "/")
  }

  package static func < (a: BytePath, b: BytePath) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

  /// All bytes at once, not one by one as an array is hashed.
  package func hash(into hasher: inout Hasher) {
    // The buffer is only read, and does not leave the closure.
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}

extension BytePath: CustomStringConvertible {
  package var description: String { printable(bytes) }
}

/// Bytes as text for people: valid UTF-8 that is printable stays, every other byte becomes `\ooo`.
package func printable(_ bytes: some Sequence<UInt8>) -> String {
  var result = ""
  let bytes = Array(bytes)
  if bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C }),
    let text = String(validating: bytes, as: UTF8.self), bytes.allSatisfy({ $0 < 0x80 }) || isVisible(text)
  {
    return text
  }
  for byte in bytes {
    if byte > 0x20 && byte < 0x7F && byte != 0x5C || byte == 0x20 {
      result.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      result += "\\" + String(byte >> 6, radix: 8) + String(byte >> 3 & 7, radix: 8) + String(byte & 7, radix: 8)
    }
  }
  return result
}

/// Whether every character has a shape of its own: none is invisible or changes the direction of others.
private func isVisible(_ text: String) -> Bool {
  text.unicodeScalars.allSatisfy { scalar in
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
    default: true
    }
  }
}
