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
    init(_ some: [String], all: [String] = [], none: [String] = [], _ expected: String) {
      self.some = some
      self.all = all
      self.none = none
      self.expected = expected
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
    Case([], none: ["= /usr/bin/curl"], "/{,**} except /usr/bin/curl"),
    Case(["/**"], none: ["= /usr/bin/curl"], "/** except /usr/bin/curl"),
    Case([], "/{,**}"),
    Case(["= /"], "/"),
    Case(["d /etc"], "/etc/*"),
    Case(["D /etc"], "/etc/**"),
    Case(["f /etc"], "/etc{,/*}"),
    Case(["F /etc"], "/etc{,/**}"),
    Case(["d /"], "/*"),
    Case(["F /"], "/{,**}"),
    Case(["D /etc"], none: ["D /etc/ssl"], ""),
    Case(["F /etc"], none: ["F /etc/ssl"], ""),
    Case(["F /etc"], none: ["F /etc/ssl", "= /etc/hosts"], ""),
    Case(["F /etc"], none: ["f /etc"], ""),
    Case(["D /etc"], none: ["d /etc"], ""),
    Case(["n sh"], ""),
    Case(["n sh"], none: ["= /bin/sh"], ""),
    Case(["n sh", "n bash"], ""),
    Case(["D /usr"], all: ["n sh"], ""),
    Case([], none: ["n sh"], ""),
    Case([], none: ["F /etc"], ""),
    Case([], none: ["F /etc", "F /var/lib"], ""),
    Case([], none: ["= /usr/bin/curl", "= /usr/bin/wget", "= /bin/nc"], ""),
    Case(["= /usr/bin/curl", "= /usr/bin/wget"], ""),
    Case(["= /bin/sh", "= /bin/su"], ""),
    Case(["= /bin/a", "= /bin/b", "= /bin/c", "= /bin/d", "= /bin/e"], ""),
    Case(["d /etc", "D /opt", "= /srv/x"], ""),
    Case(["F /etc", "D /opt"], none: ["= /opt/x/y", "F /etc/ssl"], ""),
    Case(["/home/*/.ssh/**"], ""),
    Case(["/home/*/.ssh/**"], none: ["D /home/bob/.ssh"], ""),
    Case(["/home/*/.ssh/**"], none: ["/**/known_hosts"], ""),
    Case(["/usr/**"], none: ["/**.so"], ""),
    Case(["/usr/*"], none: ["/**b"], ""),
    Case(["/**.so"], ""),
    Case(["/**.so", "/**.py"], ""),
    Case([], none: ["/**.so", "/**.py"], ""),
    Case(["D /etc"], all: ["/**.conf"], ""),
    Case(["/**x"], none: ["/etc/**"], ""),
    Case(["D /usr/bin"], none: ["= /usr/bin/sh", "= /usr/bin/bash", "= /usr/bin/dash"], ""),
    Case(["d /usr/bin"], none: ["= /usr/bin/sh", "= /usr/bin/su"], ""),
    Case(["d /usr/bin"], none: ["/usr/bin/s*"], ""),
    Case(["/dev/tty[0-9]"], ""),
    Case(["/tmp/?"], ""),
    Case(["/tmp/*.sh"], none: ["/**/a*"], ""),
    Case(["= /opt/my file", "= /opt/é", "= /opt/*"], ""),
    Case(["= /opt/a\u{202E}b"], ""),
    Case(["/{bin,sbin,usr/bin}/*"], ""),
    Case(["/{bin,sbin,usr/bin}/*"], none: ["n sh"], ""),
    Case(["/{,**/}.git/**"], ""),
    Case(["/proc/*/environ"], none: ["= /proc/1/environ"], ""),
    Case(["/proc/**"], none: ["/proc/*/status", "D /proc/sys"], ""),
    Case(["F /var/log"], all: ["F /var/log/nginx"], ""),
    Case(["D /a", "D /b", "D /c", "D /d", "D /e", "D /f", "D /g", "D /h", "D /i", "D /j"], ""),
    Case(["D /etc"], none: ["D /etc/a", "D /etc/b", "D /etc/c", "D /etc/d", "D /etc/e"], ""),
    Case(["F /run/secrets"], none: ["= /run/secrets/token"], ""),
    Case(["/**/a/**"], none: ["/a/**"], ""),
    Case(["/a*"], all: ["/*b"], ""),
  ]

  @Test func show() throws {
    for one in Self.cases {
      for hinted in [false, true] {
        let start = ContinuousClock.now
        let found = try one.described(hinted: hinted)
        print(one, hinted ? "HINT" : "    ", "=>", found?.text ?? "nil", ContinuousClock.now - start)
      }
    }
  }
}
