import Automata
import Testing

struct GlobTests {
  @Test(
    "mistakes are named at their offset",
    arguments: [
      ("", 0, "empty pattern"), ("a", 0, "expected '/'"), ("/a]", 2, "unexpected ']'"), ("/a}", 2, "unexpected '}'"),
      ("/{a}", 3, "at least two items"), ("/{a,b", 1, "unclosed '{'"), ("/x[ab", 2, "unclosed '['"),
      ("/[]", 1, "empty character class"), ("/[a-]", 3, "range without an end"), ("/[a-b-c]", 5, "unexpected '-'"),
      ("/a\\", 2, "trailing backslash"), ("/@{HOME}/a", 1, "variables"), ("/\\100{HOME}/a", 1, "variables"),
      ("/a\0b", 2, "NUL"), ("/[a-]}", 3, "range without an end"), ("/{a]", 3, "unexpected ']'"),
      ("/{[],a}[b]", 1, "swallows"), ("/[]{a,[x],b}", 9, "swallows"), ("/{@{x},}", 2, "variables"),
    ]
  ) func mistakes(text: String, offset: Int, message: String) {
    #expect {
      try Glob(Array(text.utf8))
    } throws: { error in
      guard let error = error as? GlobError else { return false }
      return error.offset == offset && error.message.contains(message)
    }
  }

  @Test("hostile patterns end in a verdict") func hostile() {
    for piece in ["{", "{,", "[", "\\", "*", "{,}", "[a]", "?", "/", "}", "{a,{b,", "\\x"] {
      let text = Array(("/" + String(repeating: piece, count: 200_000)).utf8)
      #expect(throws: GlobError.self) { try Glob(text) }
      guard let glob = try? Glob(Array(text.prefix(Glob.longest))) else { continue }
      #expect(!GlobMatcher(glob).matches(Array("no".utf8)))
    }
  }

  @Test("the slow matcher agrees with the language") func matcher() throws {
    let seed = Seeded.seed
    var random = Seeded(seed)
    var texts = GlobParserTests.patterns.map { Array($0.utf8) }
    for _ in 0..<300 { texts.append(GlobParserTests.pattern(&random)) }
    let alphabet: [UInt8] = Array("/abc*\\,[^-]x1".utf8) + [0, 0xFF]
    for text in texts {
      guard let glob = try? Glob(text) else { continue }
      let automaton = try Textbook.partition([glob.language])
      let matcher = GlobMatcher(glob)
      for round in 0..<60 {
        var string = (0..<Int.random(in: 0...6, using: &random)).map { _ in alphabet.pick(&random) }
        if round > 5 { string.insert(UInt8(ascii: "/"), at: 0) }
        if round == 2 { string = text }
        let members = automaton.members[Int(automaton.classifier.label(of: string))]
        #expect(
          matcher.matches(string) == !members.isEmpty,
          "\(String(decoding: text, as: UTF8.self)) on \(string), ARMORC_SEED=\(seed)"
        )
      }
    }
  }

  @Test("profile text is a fixed point") func fixedPoint() throws {
    for text in GlobParserTests.patterns {
      guard let glob = try? Glob(Array(text.utf8)) else { continue }
      let again = try Glob(glob.profileText)
      #expect(again.profileText == glob.profileText)
      #expect(again.language == glob.language)
      #expect(glob.profileText.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") })
    }
  }
}
