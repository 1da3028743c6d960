package import Automata
import IR

/// A pattern over file *names* as a profile rule writes it: text and meaning made side by side.
///
/// A name is what the kernel matches rules against: the path, but a directory's name ends in `/`.
package struct NamePattern: Hashable, Sendable {
  /// What stands between the quotes of the rule: ASCII without quotes, blanks and control bytes.
  package let text: [UInt8]
  /// The strings it matches; computed, not read back from `text`.
  package let language: Language

  package init(text: [UInt8], language: Language) {
    self.text = text
    self.language = language
  }

  package static func == (a: NamePattern, b: NamePattern) -> Bool { a.text == b.text }
  package func hash(into hasher: inout Hasher) { hasher.combine(text) }

  package init(_ glob: Glob) {
    self.init(text: NamePattern.excludingNUL(glob.profileText), language: glob.language)
  }

  /// Negated classes with a NUL added. To the parser `[^a]` matches a NUL too, which no name holds; but it stands between
  /// the two names of a hard link, so that `/x[^a]**` would speak of links named `/x`.
  private static func excludingNUL(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(UInt8(ascii: "[")) else { return text }
    var result: [UInt8] = []
    var index = 0
    while index < text.count {
      let byte = text[index]
      result.append(byte)
      index += 1
      if byte == UInt8(ascii: "\\"), index < text.count {
        result.append(text[index])
        index += 1
      }
      guard byte == UInt8(ascii: "["), index < text.count, text[index] == UInt8(ascii: "^") else { continue }
      // Only classes that are what they look like: a `*`, `?` or `[` in them is none of their bytes.
      let content = text[(index + 1)...].prefix { $0 != UInt8(ascii: "]") }
      let isPlain = !content.isEmpty && !content.contains { "*?[{}^,".utf8.contains($0) }
      guard isPlain, content.count == 1 || content.last != UInt8(ascii: "-") else { continue }
      result.append(UInt8(ascii: "^"))
      result += content
      result += Array("\\000".utf8)
      index = content.endIndex
    }
    return result
  }

  /// Every name there is, `/` included (`/**` misses it).
  package static let everything = NamePattern(
    text: Array("/{,**}".utf8),
    language: .sequence([.literal("/"), .anyPathBytes])
  )

  /// Just this name.
  package init(literal name: [UInt8]) {
    self.init(text: Glob.profileText(literal: name), language: .literal(name))
  }

  /// Whether `apparmor_parser` takes it for an exact match, which beats every other pattern for exec transitions: no
  /// star and no byte class anywhere (`libapparmor_re/aare_rules.cc`); alternatives do not matter.
  package var isExact: Bool {
    var todo = [language]
    while let next = todo.popLast() {
      switch next {
      case .nothing, .literal: continue
      case .byte, .star: return false
      case .sequence(let parts), .union(let parts): todo += parts
      }
    }
    return true
  }

  /// The one string of the language, if the pattern is written as one.
  package var literal: [UInt8]? {
    if case .literal(let bytes) = language { bytes } else { nil }
  }

  /// The same language under a text that is not an exact match: one plain byte becomes a class of its own. Nil if there
  /// is no such byte.
  package var inexact: NamePattern? {
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "\\") {
        // `\ooo`; profile text knows no other escape but `\/`.
        index += index + 1 < text.count && text[index + 1] == UInt8(ascii: "/") ? 2 : 4
        continue
      }
      if byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
        || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
        || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
      {
        var changed = Array(text[..<index])
        changed += [UInt8(ascii: "["), byte, UInt8(ascii: "]")]
        changed += text[(index + 1)...]
        // The star that matches nothing tells readers of `language` what the class tells the parser.
        return NamePattern(text: changed, language: .sequence([language, .star(.nothing)]))
      }
      index += 1
    }
    return nil
  }
}

extension PathSet {
  /// The patterns that hold just the names of the paths of the set.
  ///
  /// Of globs they may hold a little more: `/a/{b/,c}` matches the name of the directory `/a/b`, whose path is not in the
  /// set. Whoever emits them looks (`NameAtoms`).
  ///
  /// `files`: names by which a file is opened or changed, so directories too; otherwise names that are executed.
  func namePatterns(files: Bool) -> [NamePattern] {
    func text(_ string: String) -> [UInt8] { Array(string.utf8) }
    let slash = Language.literal("/")
    switch self {
    case .literal(let path):
      if path == .root || !files { return [NamePattern(literal: path.bytes)] }
      return [
        NamePattern(
          text: Glob.profileText(literal: path.bytes) + text("{,/}"),
          language: .sequence([.literal(path.bytes), .optional(slash)])
        )
      ]
    case .basename(let name):
      let plain = Language.sequence([slash, .optional(.sequence([.anyPathBytes, slash])), .literal(name)])
      return [
        NamePattern(
          text: text("/{,**/}") + Glob.profileText(literal: name) + (files ? text("{,/}") : []),
          language: files ? .sequence([plain, .optional(slash)]) : plain
        )
      ]
    case .directory(let path, let recursive, let includesSelf):
      return PathSet.directoryPatterns(path, recursive, includesSelf: includesSelf, files: files)
    case .glob(let glob):
      guard files, glob.profileText.last != UInt8(ascii: "/"),
        let directories = try? Glob(glob.text + [UInt8(ascii: "/")])
      else { return [NamePattern(glob)] }
      return [NamePattern(glob), NamePattern(directories)]
    }
  }

  private static func directoryPatterns(
    _ path: BytePath,
    _ recursive: Bool,
    includesSelf: Bool,
    files: Bool
  ) -> [NamePattern] {
    let slash = Language.literal("/")
    let head = path == .root ? [] : Glob.profileText(literal: path.bytes)
    let bytes = path == .root ? [] : path.bytes
    // No minimum of one byte: `*` and `**` stand in braces.
    let inside: Language =
      recursive ? .anyPathBytes : .union([.epsilon, .anyNameBytes, .sequence([.anyNameBytes, slash])])
    let insideText = Array((recursive ? "{,**}" : "{,*,*/}").utf8)
    if files && includesSelf {
      let below = Language.sequence([slash, inside])
      if path == .root { return [NamePattern(text: [UInt8(ascii: "/")] + insideText, language: below)] }
      return [
        NamePattern(
          text: head + Array("{,/".utf8) + insideText + Array("}".utf8),
          language: .sequence([.literal(bytes), .optional(below)])
        )
      ]
    }
    let name = Language.sequence([.byte(.nameByte), recursive ? .anyPathBytes : .anyNameBytes])
    let children = NamePattern(
      text: head + Array((recursive ? "/**" : "/*").utf8),
      language: .sequence([.literal(bytes + [UInt8(ascii: "/")]), name])
    )
    var result = [children]
    if files && !recursive {
      result.append(
        NamePattern(text: children.text + [UInt8(ascii: "/")], language: .sequence([children.language, slash]))
      )
    }
    if includesSelf { result.append(NamePattern(literal: path.bytes)) }
    return result
  }
}
