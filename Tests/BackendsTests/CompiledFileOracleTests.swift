import Automata
import Backends
import Runtime
import Testing
import _PolicyTestSupport

/// One file rule of a profile, and what it says by a matcher of its own.
private struct FileRule {
  var pattern: String
  var bits: FileBits
  var owner: Bool?
  var isAudited: Bool
  var isDeny: Bool

  var text: String {
    let letters: [(FileBits, String)] = [
      (.read, "r"), (.write, "w"), (.append, bits.contains(.write) ? "" : "a"), (.link, "l"), (.lock, "k"),
      (.map, "m"), (.exec, isDeny ? "x" : "ix"),
    ]
    let permissions = letters.map { bits.contains($0.0) ? $0.1 : "" }.joined()
    let words = [
      isAudited ? "audit" : nil, isDeny ? "deny" : nil, owner.map { $0 ? "owner" : "other" }, "\"\(pattern)\"",
      permissions,
    ]
    return words.compactMap { $0 }.joined(separator: " ") + ","
  }

  func matches(_ name: String, byOwner: Bool) -> Bool {
    guard owner ?? byOwner == byOwner else { return false }
    return Self.alternatives(pattern).contains { Self.matches(Array($0.utf8)[...], Array(name.utf8)[...], 0x2f) }
  }

  /// Braces written out (no nesting in these patterns).
  static func alternatives(_ pattern: String) -> [String] {
    guard let open = pattern.firstIndex(of: "{"), let close = pattern.firstIndex(of: "}") else { return [pattern] }
    let inner = pattern[pattern.index(after: open)..<close].split(separator: ",", omittingEmptySubsequences: false)
    let rest = String(pattern[pattern.index(after: close)...])
    return inner.flatMap { alternatives(String(pattern[..<open]) + String($0) + rest) }
  }

  /// Backtracking. After a slash, a star that ends the pattern or stands before a slash needs at least one byte.
  static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>, _ previous: UInt8) -> Bool {
    let slash = UInt8(ascii: "/")
    guard let first = pattern.first else { return name.isEmpty }
    if first == UInt8(ascii: "*") {
      let isDouble = pattern.dropFirst().first == first
      let rest = pattern.dropFirst(isDouble ? 2 : 1)
      let needsOne = previous == slash && (rest.isEmpty || rest.first == slash)
      for count in 0...name.count {
        let eaten = name.prefix(count)
        if !isDouble, eaten.contains(slash) { break }
        if needsOne, eaten.isEmpty || eaten.first == slash { continue }
        if matches(rest, name.dropFirst(count), 0) { return true }
      }
      return false
    }
    guard let byte = name.first, first == UInt8(ascii: "?") ? byte != slash : first == byte else { return false }
    return matches(pattern.dropFirst(), name.dropFirst(), first)
  }
}

/// Profiles compiled by the real parser and decoded, against the rules read by a matcher that knows neither.
@Suite(.enabled(if: installedParser != nil, "apparmor_parser is not installed"))
struct CompiledFileOracleTests {
  private static let patterns = [
    "/a", "/a/", "/a/b", "/a/b/", "/ab", "/b", "/a/*", "/a/**", "/**", "/*", "/{,**}", "/a/{,*}", "/a{,/}",
    "/a/{,**}", "/{,**/}b", "/a*", "/a**", "/?", "/a/?", "/*/b", "/**/b", "/*.c", "/a?b", "/{a,b}/b", "/a/**b",
  ]
  /// Every string over `/ab.c` up to 4 bytes that begins with a slash and has no two in a row, and some longer ones.
  private static let names: [String] = {
    var result = ["/", "/a/b/c/", "/a/bb/b", "/x.c", "/a/x.c", "", "a", "b/"]
    var last = [""]
    for _ in 0..<4 {
      last = last.flatMap { prefix in
        ["/", "a", "b", ".", "c"].map { prefix + $0 }.filter { $0.hasPrefix("/") && !$0.contains("//") }
      }
      result += last
    }
    return result
  }()

  private static func verdict(_ rules: [FileRule], _ name: String, byOwner: Bool) -> FileVerdict {
    var allow: FileBits = []
    var audit: FileBits = []
    var deny: FileBits = []
    var quiet: FileBits = []
    for rule in rules where rule.matches(name, byOwner: byOwner) {
      if rule.isDeny {
        deny.formUnion(rule.bits)
        if !rule.isAudited { quiet.formUnion(rule.bits) }
      } else {
        allow.formUnion(rule.bits)
        if rule.isAudited { audit.formUnion(rule.bits) }
      }
    }
    // The pairs behind a name, which keep quiet about a denied link, are only looked at if some rule gives the name `l`.
    if !allow.contains(.link) { quiet.remove(.link) }
    allow.subtract(deny)
    return FileVerdict(
      allow: allow,
      audit: audit.intersection(allow),
      quiet: quiet,
      exec: allow.contains(.exec) ? .inherit : nil
    )
  }

  private static func rule(_ random: inout SeededGenerator) -> FileRule {
    let isDeny = random.chance(50)
    var bits = FileBits(rawValue: UInt8.random(in: 1...0x7f, using: &random))
    if bits.contains(.write) { bits.insert(.append) }
    // `ix` brings `m` along; denied exec does not.
    if !isDeny, bits.contains(.exec) { bits.insert(.map) }
    return FileRule(
      pattern: random.pick(patterns),
      bits: bits,
      owner: random.pick([nil, nil, true, false]),
      isAudited: random.chance(40),
      isDeny: isDeny
    )
  }

  @Test func randomProfiles() throws {
    var random = SeededGenerator(seed: 0xA77A)
    for _ in 0..<60 {
      let rules = (0..<Int.random(in: 1...9, using: &random)).map { _ in Self.rule(&random) }
      let text = "profile p {\n" + rules.map { "  \($0.text)\n" }.joined() + "}\n"
      let profile = try compiledProfile(text)
      let (classifier, records) = profile.fileClassifier()
      for name in Self.names {
        let expected = FilePermissions(
          owner: Self.verdict(rules, name, byOwner: true),
          other: Self.verdict(rules, name, byOwner: false)
        )
        let bytes = Array(name.utf8)
        let decoded = records[Int(classifier.label(of: bytes))]
        #expect(decoded == expected, "name '\(name)' in\n\(text)")
        #expect(profile.filePermissions(bytes).effective == decoded, "name '\(name)' in\n\(text)")
        if decoded != expected { return }
      }
    }
  }

  /// Other encodings of the same automaton: differential rows, byte classes, no minimisation.
  @Test func encodings() throws {
    var random = SeededGenerator(seed: 0xE4C)
    let differential = KernelFeatures.text.replacing("policy {", with: "policy {diff_encode {yes\n}\n")
    for _ in 0..<10 {
      let rules = (0..<40).map { _ in Self.rule(&random) }
      let text = "profile p {\n" + rules.map { "  \($0.text)\n" }.joined() + "}\n"
      let plain = try compiledProfile(text).fileClassifier()
      let names = (0..<300).map { _ in
        (0..<Int.random(in: 0...8, using: &random)).map { _ in random.pick(Array("//ab.c\u{0}".utf8)) }
      }
      for (features, options) in [
        (differential, []), (KernelFeatures.text, ["-O", "equiv"]), (differential, ["-O", "equiv"]),
        (KernelFeatures.text, ["-O", "no-minimize"]), (KernelFeatures.text, AppArmorParser.optimisations),
      ] {
        let profile = try #require(try compiled(text, features: features, options: options).first)
        let other = profile.fileClassifier()
        #expect(other.classifier == plain.classifier && other.records == plain.records, "\(options)")
        let pairs = profile.fileClassifier(.namesAndPairs)
        for name in names {
          let record = other.records[Int(other.classifier.label(of: name))]
          #expect(record == profile.filePermissions(name).effective)
          if !name.contains(0) {
            // The right to link is read off the pairs, so the name's own bit may say more.
            let own = pairs.records[Int(pairs.classifier.label(of: name))]
            #expect(own.owner.allow.subtracting(.link) == record.owner.allow.subtracting(.link))
            #expect(own.other.allow.isSuperset(of: record.other.allow))
            #expect(own.other.exec == record.other.exec)
          }
        }
      }
    }
  }

  @Test func transitions() throws {
    let profile = try compiledProfile(
      """
      profile p {
        /{,**} ix,
        /px px,
        /Px Px,
        /cx cx,
        /ux ux,
        /pux pux,
        /pix pix,
        /cix cix,
        /name px -> name,
        /stack pix -> &name,
        /stacks pix -> &a//&b,
        /two px -> a//&b,
        /kid cx -> kid,
        /space px -> :ns:name,
        owner /half px -> a,
        other /half px -> b,
        deny /no x,
        profile kid { }
      }
      """
    )
    func exec(_ target: CompiledExec.Target, _ fallback: CompiledExec.Fallback = .deny, scrubs: Bool = false)
      -> CompiledExec
    {
      CompiledExec(target: target, fallback: fallback, keepsEnvironment: !scrubs)
    }
    let expected: [(String, CompiledExec?)] = [
      ("/", CompiledExec.inherit),
      ("/px", exec(.attachment)),
      ("/Px", exec(.attachment, scrubs: true)),
      ("/cx", exec(.childAttachment)),
      ("/ux", exec(.none, .unconfined)),
      ("/pux", exec(.attachment, .unconfined)),
      ("/pix", exec(.attachment, .inherit)),
      ("/cix", exec(.childAttachment, .inherit)),
      ("/name", exec(.profiles(["name"]))),
      ("/stack", exec(.stacked(["name"]), .inherit)),
      ("/stacks", exec(.stacked(["a", "b"]), .inherit)),
      ("/two", exec(.profiles(["a", "b"]))),
      ("/kid", exec(.profiles(["p//kid"]))),
      ("/space", exec(.profiles([":ns:name"]))),
      ("/no", nil),
    ]
    for (name, wanted) in expected {
      let record = profile.filePermissions(Array(name.utf8))
      #expect(record.owner.exec == wanted, "\(name)")
      #expect(record.other.exec == wanted, "\(name)")
      #expect(record.owner.allow.contains(.exec) == (wanted != nil), "\(name)")
    }
    let half = profile.filePermissions(Array("/half".utf8))
    #expect(half.owner.exec == exec(.profiles(["a"])) && half.other.exec == exec(.profiles(["b"])))
  }

  @Test func links() throws {
    let profile = try compiledProfile(
      """
      profile p {
        /{,**} rl,
        /strong rwl,
        deny /secret r,
        link /free -> /target,
        audit deny /never l,
      }
      """
    )
    func link(_ name: String, _ target: String) -> Bool {
      profile.allowsLink(name: Array(name.utf8), target: Array(target.utf8), owner: true).isAllowed
    }
    #expect(link("/a", "/b"))
    #expect(!link("/a", "/secret"))
    #expect(!link("/strong", "/a"))
    #expect(link("/strong", "/strong"))
    #expect(!link("/never", "/a"))
    #expect(link("/free", "/target"))
    #expect(!link("a", "/b"))
  }
}
