import Automata
import Foundation
import Testing

/// Holds `Glob` against the installed `apparmor_parser`, by equality of automata.
@Suite(.enabled(if: AppArmorParser.isInstalled, "apparmor_parser is not installed"))
struct GlobParserTests {
  static let patterns: [String] = [
    "/", "/a", "/*", "/**", "/***", "/a*", "/a**", "/a/*", "/a/**", "/a/***", "/a/*/b", "/a/**/b", "/a*/b", "/*/",
    "/**/",
    "/a/{,*}", "/a/{,**}", "/{,**/}n", "/{,**}", "/a/{*,b}", "/a/{**}{,b}/", "/?", "/a?b", "/[abc]", "/[a-c]", "/[^b]",
    "/[^/b]", "/[!b]", "/[-]", "/[-a]", "/[--a]", "/[a\\-c]", "/[b\\-c]", "/[c-a]", "/[a\\^]", "/[^^]", "/[^^a]",
    "/[^^-a]", "/[^^a-c]", "/[^-a]", "/[\\]]", "/[\\[]", "/[[]", "/[]a]", "/[a,b]", "/[a\\,b]", "/[\\054]", "/{a,[,]}",
    "/a[*]b", "/a[?]b", "/[^*]", "/[a*]", "/[/*/]", "/[/*]", "/[*^]x", "/[]{a,b}[x]", "/[.+|()$]", "/.+|()$^",
    "/\\$\\^",
    "/[$]", "/{a,b}", "/{a,{b,c}d}e", "/{,a}", "/{,}", "/{a\\,b,c}", "/a,b", "/a\\x41b", "/a\\x4z", "/a\\xzb", "/\\d65",
    "/\\d999", "/\\d", "/\\x", "/\\141", "/\\1410", "/\\400", "/\\8", "/\\a\\e\\f\\n\\r\\t", "/\\b\\c\\z",
    "/a\\x\\061b",
    "/a\\d\\060\\066\\065", "/\\000", "/\\x0", "/\\d0\\061", "/a//b", "//a", "///a", "//", "///", "/a///b//", "/a/\\/b",
    "/\\/a", "/a\\057*", "/a\\/*", "/a\\/", "/a\\d\\060\\064\\067*", "/a/\\*", "/a/*\\/", "/a b", "/a#b", "/#include x",
    "/a\tb", "/a\nb", "/a!b", "/a\\ b", "/a'b", "/ü", "/[ü]", "/?\u{7f}", "/a@b", "/a@{x,y}", "/a@\\{x", "/\\@\\{x\\}",
    "/a\\@{x,y}", "/[\\200-\\377]", "/[a-\\377]", "/[^\\001-\\376]", "/a\\\\", "/a\\\\b", "/[\\\\]", "/[\\\\-\\]]",
    "/}]",
    "/[{}]", "/{[}],a}", "/{[,],a}", "/a/{*/,}b", "/a/{*,}/b", "/x{/*,}", "/x{/,}*", "/{a,b", "/[a", "/[]", "/[^]",
    "/[^^", "/[a-]", "/[a-b-c]", "/[\\^]", "/a\\", "/{a}", "/}", "/]", "a", "", "@{x}", "/@{x}", "/@{}", "/@{x1_}y",
    "/\\100{x}", "/@{1x,y}", "/{[],a}[b]", "/[]{a,[x],b}", "/[a-*]", "/[*-a]", "/[?-a]x", "/[a-?]", "/-", "/a-b", "/^a",
    "/[a^b]", "/[a-^]", "/{a,b}{c,d}*", "/**{a,b}", "/*{,a}", "/**a**b", "/*a*", "/?*", "/*?", "/**?", "/?**/",
    "/a/**/**/b", "/a/*/*/b", "/a/**/*", "/~", "/%", "/[%-~]", "/{\\{,\\}}", "/{\\,,\\,}", "/[\\d\\060]",
  ]

  /// The text between the quotes: a raw quotation mark would end them.
  static func quoted(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var escaped = false
    for byte in text {
      result += byte == UInt8(ascii: "\"") && !escaped ? Array("\\042".utf8) : [byte]
      escaped = byte == UInt8(ascii: "\\") && !escaped
    }
    return result
  }

  static func alone(_ language: Language) throws -> Classifier {
    try Textbook.partition([language]).classifier.marking()
  }

  @Test("hand-picked patterns") func handPicked() throws {
    try check(Self.patterns.map { Array($0.utf8) }, note: "hand-picked")
  }

  @Test("generated patterns") func generated() throws {
    let seed = Seeded.seed
    var random = Seeded(seed)
    var texts: [[UInt8]] = []
    for _ in 0..<400 { texts.append(Self.pattern(&random)) }
    try check(texts, note: "ARMORC_SEED=\(seed)")
  }

  @Test("nesting up to the parser's limit") func nesting() throws {
    for depth in [Glob.deepest, Glob.deepest + 1] {
      let text =
        Array("/".utf8) + Array(repeating: Array("{a,".utf8), count: depth).joined() + Array("b".utf8)
        + Array(repeating: UInt8(ascii: "}"), count: depth)
      try check([text], note: "depth \(depth)")
    }
  }

  @Test("literals of every byte") func literals() throws {
    let seed = Seeded.seed
    var random = Seeded(seed)
    var texts = (1...255).map { [UInt8(ascii: "/"), UInt8($0), UInt8(ascii: "x")] }
    for _ in 0..<200 {
      let awkward: [UInt8] = Array("//\\\\*?[]{}^,\"'#@-!01xd \n".utf8) + [0x80, 0xFF]
      texts.append([UInt8(ascii: "/")] + (0..<Int.random(in: 0...8, using: &random)).map { _ in awkward.pick(&random) })
    }
    let compiled = try #require(try AppArmorParser.compile(texts.map { Glob.profileText(literal: $0) }))
    for (text, automaton) in zip(texts, compiled) {
      #expect(try automaton == Self.alone(.literal(text)), "\(text) ARMORC_SEED=\(seed)")
      #expect(Glob(literal: text)?.language == .literal(text))
    }
  }

  /// Same verdict as the parser on each text; same language for text, profile text and slow matcher.
  private func check(_ texts: [[UInt8]], note: String) throws {
    var accepted: [(glob: Glob, text: [UInt8])] = []
    for text in texts {
      let shown = String(decoding: text, as: UTF8.self)
      do {
        accepted.append((try Glob(text), Self.quoted(text)))
      } catch {
        #expect(error.offset >= 0 && error.offset <= text.count)
        #expect(try AppArmorParser.compile([Self.quoted(text)]) == nil, "refused: \(shown): \(error), \(note)")
      }
    }
    let automata = try accepted.map { try Self.alone($0.glob.language) }
    for (kind, sources) in [("text", accepted.map(\.text)), ("profile text", accepted.map(\.glob.profileText))] {
      // A pattern that ends in `\\` spoils the next rule (the scanner sees `\"`): then each alone.
      let together = try AppArmorParser.compile(sources)
      for index in sources.indices {
        let shown = "\(kind) of \(String(decoding: accepted[index].text, as: UTF8.self)), \(note)"
        guard let compiled = try together?[index] ?? AppArmorParser.compile([sources[index]])?.first else {
          Issue.record("the parser refuses the \(shown)")
          continue
        }
        if compiled == automata[index] { continue }
        let difference = try compiled.product(automata[index]) { $0 == $1 ? 0 : $0 + 1 }.shortestWitnesses()
        Issue.record("\(shown): \(accepted[index].glob.language), differ on \(difference)")
      }
    }
  }

  /// A random pattern, valid or not, dense in special bytes.
  static func pattern(_ random: inout Seeded) -> [UInt8] {
    let pieces = [
      "a", "b", "c", "/", "/", "/", "*", "**", "?", "{", "}", ",", "{a,b}", "{,", "{*,", ",}", "[ab]", "[^a]", "[a-c]",
      "[", "]", "^", "-", "\\", "\\*", "\\,", "\\054", "\\134", "\\x2a", "\\057", "@", ".", "$", " ", "\"", "#", "\\-",
      "[^/b]", "{a,[b,]}", "[-b]", "[*]", "\\d97", "ü", "\\133",
    ]
    var text = "/"
    for _ in 0..<Int.random(in: 0...7, using: &random) { text += pieces.pick(&random) }
    if Bool.random(using: &random) {
      // Close what is open, so that more of them are valid.
      let open = text.filter { $0 == "{" }.count - text.filter { $0 == "}" }.count
      if open > 0 { text += String(repeating: ",x}", count: open) }
    }
    return Array(text.utf8)
  }
}

extension Classifier {
  /// Label 1 for every string of the only language, 0 for all others.
  func marking() -> Classifier {
    let start = labels[0]
    return relabelled { $0 == start ? 0 : 1 }
  }
}
