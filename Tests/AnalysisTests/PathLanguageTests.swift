import Analysis
import Automata
import Foundation
import IR
import Testing
import _PolicyTestSupport

struct PathLanguageTests {
  /// `= /p` a path, `n sh` a name, `d /p` children, `D /p` everything below, `f` and `F` the same with the directory
  /// itself, else a pattern.
  static func set(_ text: String) throws -> PathSet {
    let rest = String(text.dropFirst(2))
    func path() throws -> BytePath { try #require(BytePath(rest)) }
    switch text.prefix(2) {
    case "= ": return .literal(try path())
    case "n ": return .basename(Array(rest.utf8))
    case "d ": return .directory(try path(), recursive: false, includesSelf: false)
    case "D ": return .directory(try path(), recursive: true, includesSelf: false)
    case "f ": return .directory(try path(), recursive: false, includesSelf: true)
    case "F ": return .directory(try path(), recursive: true, includesSelf: true)
    default: return .glob(try Glob(Array(text.utf8)))
    }
  }

  struct Case: CustomStringConvertible {
    var some: [String]
    var all: [String] = []
    var none: [String] = []
    var expected: String
    /// With the sets themselves as hints.
    var hinted: String
    init(_ some: [String], all: [String] = [], none: [String] = [], _ expected: String, hinted: String? = nil) {
      self.some = some
      self.all = all
      self.none = none
      self.expected = expected
      self.hinted = hinted ?? expected
    }
    var description: String { "\(some) all \(all) none \(none)" }

    func described(hinted: Bool) throws -> PathLanguage? {
      let sets = try (some + all + none).map(PathLanguageTests.set)
      let partition = try Partition.of([.absolutePath] + sets.map(\.language))
      return PathLanguage.describing(
        partition.classifier,
        where: { label in
          let members = Set(partition.members[Int(label)])
          let inSome = some.isEmpty || some.indices.contains { members.contains(1 + $0) }
          let inAll = all.indices.allSatisfy { members.contains(1 + some.count + $0) }
          return inSome && inAll && !none.indices.contains { members.contains(1 + some.count + all.count + $0) }
        },
        isPath: { partition.members[Int($0)].first == 0 },
        hints: hinted ? sets : []
      )
    }
  }

  static let cases: [Case] = [
    Case(["= /usr/bin/curl"], "/usr/bin/curl"),
    Case([], none: ["= /usr/bin/curl"], "all paths except /usr/bin/curl"),
    Case(["/**"], none: ["= /usr/bin/curl"], "/** except /usr/bin/curl"),
    Case([], "all paths"),
    Case(["= /"], "/"),
    Case(["d /etc"], "/etc/*"),
    Case(["D /etc"], "/etc/**"),
    Case(["f /etc"], "/etc{,/*}"),
    Case(["F /etc"], "/etc{,/**}"),
    Case(["d /"], "/*"),
    Case(["F /"], "all paths"),
    Case(["D /etc"], none: ["D /etc/ssl"], "/etc/** except /etc/ssl/**"),
    Case(["F /etc"], none: ["F /etc/ssl"], "/etc{,/**} except /etc/ssl{,/**}"),
    Case(["F /etc"], none: ["F /etc/ssl", "= /etc/hosts"], "/etc{,/**} except /etc/hosts and /etc/ssl{,/**}"),
    Case(["F /etc"], none: ["f /etc"], "/etc/*/**"),
    Case(["D /etc"], none: ["d /etc"], "/etc/*/**"),
    Case(["n sh"], "/{,**/}sh"),
    Case(["n sh"], none: ["= /bin/sh"], "/{,**/}sh except /bin/sh"),
    Case(["n sh", "n bash"], "/{,**/}sh and /{,**/}bash"),
    Case(["D /usr"], all: ["n sh"], "/usr/{,**/}sh"),
    Case([], none: ["n sh"], "all paths except /{,**/}sh"),
    Case([], none: ["F /etc"], "all paths except /etc{,/**}"),
    Case([], none: ["F /etc", "F /var/lib"], "all paths except /etc{,/**} and /var/lib{,/**}"),
    Case(
      [],
      none: ["= /usr/bin/curl", "= /usr/bin/wget", "= /bin/nc"],
      "all paths except /bin/nc, /usr/bin/curl and /usr/bin/wget"
    ),
    Case(["= /usr/bin/curl", "= /usr/bin/wget"], "/usr/bin/curl and /usr/bin/wget"),
    Case(["= /bin/sh", "= /bin/su"], "/bin/sh and /bin/su"),
    Case(["= /bin/a", "= /bin/b", "= /bin/c", "= /bin/d", "= /bin/e"], "/bin/[a-e]"),
    Case(["d /etc", "D /opt", "= /srv/x"], "/etc/*, /srv/x and /opt/**"),
    Case(
      ["F /etc", "D /opt"],
      none: ["= /opt/x/y", "F /etc/ssl"],
      "/opt/** and /etc{,/**} except /opt/x/y and /etc/ssl{,/**}"
    ),
    Case(["/home/*/.ssh/**"], "/home/*/.ssh/**"),
    Case(["/home/*/.ssh/**"], none: ["D /home/bob/.ssh"], "/home/*/.ssh/** except /home/bob/.ssh/**"),
    Case(
      ["/home/*/.ssh/**"],
      none: ["/**/known_hosts"],
      "/home/*/.ssh/** except /home/*/.ssh/{,**/}known_hosts",
      hinted: "/home/*/.ssh/** except /**/known_hosts"
    ),
    Case(["/usr/**"], none: ["/**.so"], "/usr/** except /usr/**.so", hinted: "/usr/** except /**.so"),
    Case(["/usr/*"], none: ["/**b"], "/usr/* except /usr/*b", hinted: "/usr/* except /**b"),
    Case(["/**.so"], "/**.so"),
    Case(["/**.so", "/**.py"], "/**.py and /**.so"),
    Case([], none: ["/**.so", "/**.py"], "all paths except /**.py and /**.so"),
    Case(["D /etc"], all: ["/**.conf"], "/etc/**.conf"),
    Case(["/**x"], none: ["/etc/**"], "/**x except /etc/**x", hinted: "/**x except /etc/**"),
    Case(
      ["D /usr/bin"],
      none: ["= /usr/bin/sh", "= /usr/bin/bash", "= /usr/bin/dash"],
      "/usr/bin/** except /usr/bin/sh, /usr/bin/bash and /usr/bin/dash"
    ),
    Case(["d /usr/bin"], none: ["= /usr/bin/sh", "= /usr/bin/su"], "/usr/bin/* except /usr/bin/sh and /usr/bin/su"),
    Case(["d /usr/bin"], none: ["/usr/bin/s*"], "/usr/bin/* except /usr/bin/s*"),
    Case(["/dev/tty[0-9]"], "/dev/tty[0-9]"),
    Case(["/tmp/?"], "/tmp/?"),
    Case(["/tmp/*.sh"], none: ["/**/a*"], "/tmp/*.sh except /tmp/a*.sh", hinted: "/tmp/*.sh except /**/a*"),
    Case(["= /opt/my file", "= /opt/é", "= /opt/*"], "/opt/\\*, /opt/é and /opt/my file"),
    Case(["= /opt/a\u{202E}b"], "/opt/a\\342\\200\\256b"),
    Case(["/{bin,sbin,usr/bin}/*"], "/bin/*, /sbin/* and /usr/bin/*"),
    Case(
      ["/{bin,sbin,usr/bin}/*"],
      none: ["n sh"],
      "/bin/*, /sbin/* and /usr/bin/* except /bin/sh, /sbin/sh and /usr/bin/sh",
      hinted: "/{bin,sbin,usr/bin}/* except /{,**/}sh"
    ),
    Case(["/{,**/}.git/**"], "/{,**/}.git/**"),
    Case(["/proc/*/environ"], none: ["= /proc/1/environ"], "/proc/*/environ except /proc/1/environ"),
    Case(["/proc/**"], none: ["/proc/*/status", "D /proc/sys"], "/proc/** except /proc/sys/** and /proc/*/status"),
    Case(["F /var/log"], all: ["F /var/log/nginx"], "/var/log/nginx{,/**}"),
    Case(["D /a", "D /b", "D /c", "D /d", "D /e", "D /f", "D /g", "D /h", "D /i", "D /j"], "/[a-j]/**"),
    Case(
      ["D /etc"],
      none: ["D /etc/a", "D /etc/b", "D /etc/c", "D /etc/d", "D /etc/e"],
      "/etc/** except /etc/[a-e]/**"
    ),
    Case(["F /run/secrets"], none: ["= /run/secrets/token"], "/run/secrets{,/**} except /run/secrets/token"),
    Case(["/**/a/**"], none: ["/a/**"], "/*/{,**/}a/** except /a/{,**/}a/**", hinted: "/**/a/** except /a/**"),
    Case(["/a*"], all: ["/*b"], "/a*b"),
  ]

  @Test("sets that policies make read as a person would write them", arguments: cases)
  func words(one: Case) throws {
    for hinted in [false, true] {
      let start = ContinuousClock.now
      let found = try #require(try one.described(hinted: hinted))
      if ProcessInfo.processInfo.environment["MEASURE"] != nil { print(ContinuousClock.now - start, found.text) }
      #expect(found.text == (hinted ? one.hinted : one.expected))
      #expect(found.isExact)
      #expect(!found.samples.isEmpty && found.samples.count <= 5)
    }
  }

  @Test func nothingIsNil() throws {
    let partition = try Partition.of([.absolutePath])
    #expect(PathLanguage.describing(partition.classifier, where: { _ in false }, isPath: { _ in true }) == nil)
    #expect(PathLanguage.describing(partition.classifier, where: { _ in true }, isPath: { _ in false }) == nil)
  }

  @Test("what no short list says is shown by directory and example", arguments: [65, 300])
  func large(count: Int) throws {
    let sets: [PathSet] = try (0..<count).map { .literal(try #require(BytePath("/srv/d\($0 % 3)/file\($0)"))) }
    let partition = try Partition.of([.absolutePath] + sets.map(\.language))
    func describe(_ wanted: ([Int]) -> Bool) throws -> PathLanguage {
      let found = PathLanguage.describing(
        partition.classifier,
        where: { wanted(partition.members[Int($0)]) },
        isPath: { partition.members[Int($0)].first == 0 }
      )
      return try #require(found)
    }
    let listed = try describe { $0.count > 1 }
    #expect(!listed.isExact)
    #expect(listed.include == ["/srv/d0/*", "/srv/d1/*", "/srv/d2/*"])
    #expect(listed.text == "part of /srv/d0/*, /srv/d1/* and /srv/d2/*, such as /srv/d0/file0")
    let rest = try describe { $0.count == 1 }
    #expect(!rest.isExact)
    #expect(rest.text == "part of all paths, such as /a")
    #expect(try describe { $0.contains(7) }.text == "/srv/d0/file6")
    let few = try describe { $0.count > 1 && $0[1] <= 60 }
    #expect(few.isExact && few.include.count == 60)
  }

  @Test("random sets: exact means exact, and everything else is a superset") func random() throws {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    let seed = random.generator.seed
    var exact = 0
    for round in 0..<60 {
      let sets = (0..<4).map { _ in random.pathSet(.file) }
      let partition = try Partition.of([.absolutePath] + sets.map(\.language))
      let salt = Int.random(in: 1..<1 << 16, using: &random.generator)
      func isPath(_ label: UInt32) -> Bool { partition.members[Int(label)].first == 0 }
      func isWanted(_ label: UInt32) -> Bool { isPath(label) && salt >> Int(label % 16) & 1 == 1 }
      let wanted = partition.members.indices.map { UInt32($0) }.filter(isWanted)
      let found = PathLanguage.describing(
        partition.classifier,
        where: isWanted,
        isPath: isPath,
        hints: round % 2 == 0 ? sets : []
      )
      #expect((found == nil) == wanted.isEmpty)
      guard let found else { continue }
      if found.isExact { exact += 1 }
      let note: Comment = "\(sets) \(found.text) ARMORC_SEED=\(seed)"

      // By automata, over classes of everything at once.
      let include = try found.include.map { try Glob(Array($0.utf8)) }
      let except = try found.except.map { try Glob(Array($0.utf8)) }
      let joint = try Partition.of(
        [.absolutePath] + sets.map(\.language) + [.union(include.map(\.language)), .union(except.map(\.language))]
      )
      for (label, witness) in joint.classifier.shortestWitnesses() {
        let members = joint.members[Int(label)]
        let isMatched = members.contains(1 + sets.count) && !members.contains(2 + sets.count)
        let own = partition.classifier.label(of: witness)
        guard isPath(own) else { continue }
        #expect(isMatched == isWanted(own) || (isMatched && !found.isExact), note)
      }

      // By the slow matcher, on paths drawn from every class.
      let matchers = (include.map(GlobMatcher.init), except.map(GlobMatcher.init))
      for label in partition.members.indices.map({ UInt32($0) }) where isPath(label) {
        let sampler = StringSampler(partition.classifier, label: label)
        for _ in 0..<8 {
          guard let string = sampler.string(using: &random.generator, maxLength: 14) else { continue }
          let isMatched = matchers.0.contains { $0.matches(string) } && !matchers.1.contains { $0.matches(string) }
          #expect(isMatched == isWanted(label) || (isMatched && !found.isExact), note)
        }
      }
      for sample in found.samples { #expect(isWanted(partition.classifier.label(of: sample.bytes)), note) }
      for list in [found.include, found.except] {
        let sorted = Set(list).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        #expect(list == sorted, note)
      }
    }
    if ProcessInfo.processInfo.environment["MEASURE"] != nil { print("exact: \(exact) of 60") }
    // Most of what random sets make can be said.
    #expect(exact > 40, "ARMORC_SEED=\(seed)")
  }
}
