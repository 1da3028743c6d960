/// A part of a pattern in the making.
enum CoverPiece: Hashable {
  /// One byte of a set.
  case bytes(ByteSet)
  /// Bytes of a name, as many as you like.
  case name
  /// Bytes of a path, as many as you like.
  case path
  /// These, or nothing.
  case optional([CoverPiece])

  static let slash = CoverPiece.bytes(ByteSet([UInt8(ascii: "/")]))

  /// Joins `P` and `P` + rest to `P{,rest}` where that reads well.
  static func merged(_ shapes: [[CoverPiece]]) -> [[CoverPiece]] {
    var result = shapes.sorted { $0.count < $1.count }
    var index = 0
    while index < result.count {
      let head = result[index]
      let partner = result.indices.first { other in
        guard other > index, result[other].count > head.count, result[other].starts(with: head) else { return false }
        if head.last == .slash { return true }
        if case .bytes(let set) = result[other][head.count] { return set.count > 1 }
        return true
      }
      if let partner {
        let rest = Array(result.remove(at: partner)[head.count...])
        result[index] = head + [.optional(rest)]
      }
      index += 1
    }
    return result
  }

  /// The text of a pattern; `plain` writes `/*` and `/**`, which ask for one byte at least, where exactness would need
  /// `/{,*}` and `/{,**}`.
  static func text(_ shape: [CoverPiece], plain: Bool) -> [UInt8] { text(shape, plain: plain, isInBraces: false) }

  private static func text(_ shape: [CoverPiece], plain: Bool, isInBraces: Bool) -> [UInt8] {
    var out: [UInt8] = []
    var index = 0
    while index < shape.count {
      let piece = shape[index]
      let isAfterSlash = out.last == UInt8(ascii: "/")
      /// Whether a star that ends before piece `end` is alone in its component.
      func isAlone(_ end: Int) -> Bool {
        isAfterSlash && (end == shape.count ? !isInBraces : shape[end] == .slash)
      }
      let next = index + 1 < shape.count ? shape[index + 1] : nil
      switch piece {
      case .bytes(.nameByte) where (next == .name || next == .path) && isAlone(index + 2):
        out += next == .name ? Array("*".utf8) : Array("**".utf8)
        index += 1
      case .bytes(.pathByte) where next == .path && plain && isAlone(index + 2):
        out += Array("**".utf8)
        index += 1
      case .bytes(let set): out += text(set, isAfterSlash: isAfterSlash)
      case .name: out += Array((isAlone(index + 1) && !plain ? "{,*}" : "*").utf8)
      case .path: out += Array((isAlone(index + 1) && !plain ? "{,**}" : "**").utf8)
      case .optional(let rest): out += Array("{,".utf8) + text(rest, plain: plain, isInBraces: true) + Array("}".utf8)
      }
      index += 1
    }
    return out
  }

  private static func text(_ set: ByteSet, isAfterSlash: Bool) -> [UInt8] {
    if set == .nameByte { return Array("?".utf8) }
    if set == .pathByte { return Array("{?,/}".utf8) }
    let members = set.intersection(.pathByte).bytes
    if members.count == 1 {
      let byte = members[0] == UInt8(ascii: "/") && isAfterSlash ? [UInt8(ascii: "\\")] : []
      return byte + Glob.profileText(literal: members)
    }
    if members.count <= 128 { return Array("[".utf8) + list(set.intersection(.pathByte)) + Array("]".utf8) }
    return Array("[^".utf8) + list(ByteSet.pathByte.subtracting(set)) + Array("]".utf8)
  }

  /// The members between brackets: `-` first, `^` last, runs as ranges.
  private static func list(_ set: ByteSet) -> [UInt8] {
    var rest = set
    var out: [UInt8] = []
    if rest.contains(UInt8(ascii: "-")) { out.append(UInt8(ascii: "-")) }
    rest.remove(UInt8(ascii: "-"))
    let hasCaret = rest.contains(UInt8(ascii: "^"))
    rest.remove(UInt8(ascii: "^"))
    var bytes = rest.bytes[...]
    while let first = bytes.first {
      let run = zip(bytes, first...255).prefix { $0 == $1 }.count
      let last = bytes[bytes.startIndex + run - 1]
      for byte in run > 2 ? [first, UInt8(ascii: "-"), last] : Array(bytes.prefix(run)) {
        if byte == UInt8(ascii: "-") || byte == UInt8(ascii: ",") {
          out.append(byte)
        } else {
          out += Glob.profileText(literal: [byte])
        }
      }
      bytes = bytes.dropFirst(run)
    }
    if hasCaret { out += Array("\\136".utf8) }
    return out
  }
}
