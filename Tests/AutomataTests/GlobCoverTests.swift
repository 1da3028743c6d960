import Testing

@testable import Automata

struct GlobCoverTests {
  static func glob(_ text: String) throws -> Language { try Glob(Array(text.utf8)).language }

  /// Patterns for: in all of `inside`, in none of `outside`, among absolute paths and directories.
  static func cover(in inside: [String], not outside: [String]) throws -> [Glob]? {
    let care = Language.sequence([.absolutePath, .optional(.literal("/"))])
    let languages = try [care] + inside.map(glob) + outside.map(glob)
    let partition = try Partition.of(languages)
    return GlobCover.patterns(
      of: partition.classifier,
      where: { label in
        let members = Set(partition.members[Int(label)])
        return (1...max(1, inside.count)).allSatisfy { inside.isEmpty || members.contains($0) }
          && !members.contains { $0 > inside.count }
      },
      within: { partition.members[Int($0)].first == 0 }
    )
  }

  @Test(
    "shapes that policies need",
    arguments: [
      (["/{,**}"], [], ["/{,**}"]),
      (["/etc/passwd"], [], ["/etc/passwd"]),
      (["/d/{,**}"], [], ["/d/{,**}"]),
      (["/d/{,*}"], [], ["/d/{,*}"]),
      (["/d/*"], [], ["/d/*"]),
      (["/d/**"], [], ["/d/**"]),
      (["/d/"], [], ["/d/"]),
      (["/home/*/.ssh/**"], [], ["/home/*/.ssh/**"]),
      (["/usr/**"], ["/**.so"], ["/usr/o", "/usr/so", "/usr/**[^o]", "/usr/**[^s]o", "/usr/**[^.]so"]),
      (["/run/secrets/**"], ["/run/secrets/t"], ["/run/secrets/[^t]**", "/run/secrets/t{?,/}**"]),
      (["/usr/*"], ["/**b"], ["/usr/*[^/b]"]),
      (["/a/x*"], ["/a/xy"], ["/a/xy?*", "/a/x{,[^/y]*}"]),
      (
        ["/**x"], ["/etc/**"],
        [
          "/x{,**x}", "/ex{,**x}", "/[^/ex]**x", "/e[^tx]**x", "/etx{,**x}", "/et[^cx]**x", "/etcx{,**x}",
          "/etc[^/x]**x",
        ]
      ),
      ([], ["/**"], ["/{,/}"]),
      (["/a"], ["/a"], []),
      (
        ["/{,**}"], ["/**.so", "/**.py"],
        ["/y", "/py", "/so", "/{,o}", "/**[^oy]", "/**[^p]y", "/**[^s]o", "/**[^.]py", "/**[^.]so"]
      ),
      (["/{,**}"], ["/etc/**"], ["/etc/", "/{,/}", "/[^/e]**", "/etc{,?**}", "/e{,[^t]**}", "/et{,[^c]**}"]),
      (["/var/**"], ["/var/log/{,**}"], ["/var/[^l]**", "/var/log{,?**}", "/var/l{,[^o]**}", "/var/lo{,[^g]**}"]),
      (
        ["/usr/bin/*"], ["/usr/bin/sh", "/usr/bin/su"], ["/usr/bin/[^s]*", "/usr/bin/s[hu]?*", "/usr/bin/s{,[^/hu]*}"]
      ),
      (["/{bin,sbin,usr/bin}/*"], [], ["/bin/*", "/sbin/*", "/usr/bin/*"]),
      (["/tmp/*.sh"], ["/**/a*"], ["/tmp/.sh", "/tmp/.*.sh", "/tmp/[^.a]*.sh"]),
      (["/{,**/}sh"], [], ["/sh", "/**/sh"]),
      (
        ["/{,**/}sh"], ["/bin/sh"],
        ["/sh", "/n/sh", "/in/sh", "/**[^n]/sh", "/**[^i]n/sh", "/**[^b]in/sh", "/**{?,/}bin/sh"]
      ),
    ] as [([String], [String], [String])]
  ) func shapes(inside: [String], outside: [String], expected: [String]) throws {
    let found = try Self.cover(in: inside, not: outside)
    #expect(found?.map { String(decoding: $0.text, as: UTF8.self) } == expected)
  }

  @Test("random intersections and differences: exact or nothing") func random() throws {
    let seed = Seeded.seed
    var random = Seeded(seed)
    var count = 0
    for _ in 0..<150 {
      let texts = (0..<3).map { _ in String(decoding: GlobParserTests.pattern(&random), as: UTF8.self) }
      let languages = texts.compactMap { try? Self.glob($0) }
      let partition = try Partition.of([.absolutePath] + languages)
      let salt = Int.random(in: 0..<1 << 16, using: &random)
      func wanted(_ label: UInt32) -> Bool { salt >> Int(label % 16) & 1 == 1 }
      func cares(_ label: UInt32) -> Bool { partition.members[Int(label)].first == 0 }
      guard let found = GlobCover.patterns(of: partition.classifier, where: wanted, within: cares) else { continue }
      count += 1
      let matchers = found.map(GlobMatcher.init)
      for label in partition.members.indices.map({ UInt32($0) }) where cares(label) {
        let sampler = StringSampler(partition.classifier, label: label)
        for _ in 0..<20 {
          guard let string = sampler.string(using: &random, maxLength: 12) else { continue }
          #expect(matchers.contains { $0.matches(string) } == wanted(label), "\(texts), ARMORC_SEED=\(seed)")
        }
      }
    }
    #expect(count > 40, "ARMORC_SEED=\(seed)")
  }
}
