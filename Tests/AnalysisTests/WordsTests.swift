import Analysis
import Automata
import IR
import Testing

struct WordsTests {
  static func cells(_ words: NetworkProtocol...) -> Set<SocketCell> {
    Set(SocketCell.all.filter { cell in words.contains { $0.covers(cell.representative) } })
  }
  static let all = Set(SocketCell.all)

  @Test func sockets() {
    let tcp = Self.cells(.tcp)
    let table: [(Set<SocketCell>, String)] = [
      ([], "none"), (Self.all, "all"), (tcp, "tcp"), (Self.cells(.tcp, .udp), "tcp, udp"),
      (Self.all.subtracting(tcp), "all but tcp"), (Self.all.subtracting(Self.cells(.tcp, .udp)), "all but tcp, udp"),
      (tcp.subtracting(Self.cells(.sctp)), "tcp except sctp"),
      (Self.cells(.stream).subtracting(tcp), "stream except tcp"),
      (tcp.intersection(Self.cells(.sctp)), "inet stream sctp, inet6 stream sctp"),
      (Set(Self.all.filter { $0.representative.family == SocketNumber.inet }), "inet"),
      (
        Set(
          Self.all.filter {
            $0.representative.family == SocketNumber.inet && $0.representative.type == SocketNumber.stream
          }
        ), "inet stream"
      ),
      (
        Self.cells(.raw).intersection(Set(Self.all.filter { $0.representative.family == SocketNumber.unix })),
        "raw in other families"
      ),
      (Self.cells(.icmp), "icmp"), (Self.cells(.packet), "packet"),
      ([SocketCell(index: 0)], "inet stream icmp"),
    ]
    for (cells, expected) in table { #expect(SocketWords.text(cells) == expected) }
  }

  @Test func capabilities() {
    #expect(CapabilityWords.text([.sys_admin, .net_raw]) == "net_raw, sys_admin")
    #expect(CapabilityWords.text(Set(Capability.allCases)) == "all")
    #expect(CapabilityWords.text(Set(Capability.allCases).subtracting([.chown])) == "all but chown")
    #expect(CapabilityWords.text([]) == "none")
  }

  @Test func sources() throws {
    let cat = try #require(BytePath("/bin/cat"))
    let nc = try #require(BytePath("/bin/nc"))
    let odd = try #require(BytePath("/bin/\u{1B}[31m\u{202E}"))
    #expect(SourceSet.any.words == "from any source")
    #expect(SourceSet.only([cat]).words == "from /bin/cat")
    #expect(SourceSet.only([cat, nc]).words == "from /bin/cat or /bin/nc")
    #expect(SourceSet.only([cat, nc]).words(most: 1) == "from /bin/cat and 1 more")
    #expect(SourceSet.allBut([cat]).words == "from any source but /bin/cat")
    #expect(SourceSet.allBut([]).words == "from any source")
    #expect(SourceSet.only([odd]).words == "from /bin/\\033[31m\\342\\200\\256")
    #expect(
      SourceSet.matching(PathLanguage(include: ["/etc/**"], except: ["/etc/a", "/etc/b"])).words
        == "from /etc/** except /etc/a and /etc/b"
    )
    #expect(OwnerCondition.allCases.map(\.words) == ["", "as owner", "as other"])
    #expect(PathOperation.words([.write, .read]) == "read and write")
  }

  @Test func rules() throws {
    let etc = PathSet.directory(try #require(BytePath("/etc")), recursive: true, includesSelf: true)
    let cat = PathSet.literal(try #require(BytePath("/bin/cat")))
    let odd = PathSet.literal(try #require(BytePath("/a*\u{7}")))
    func words(
      _ action: Action,
      _ target: Rule.Target,
      owner: Bool = false,
      read: Bool = false,
      from sources: [PathSet] = [],
      _ condition: Rule.Condition? = nil,
      kind: PolicyKind = .pod
    ) -> String {
      let id = PolicyID(kind: kind, namespace: "n", name: "p")
      let location = Location(file: "p.yaml", line: 1, column: 1)
      let origin = Origin(policy: id, position: 0, path: "spec", location: location)
      return Rule(
        target: target,
        sources: sources,
        action: action,
        ownerOnly: owner,
        readOnly: read,
        condition: condition,
        origin: origin
      ).words
    }
    let place = "/etc/ (dir, recursive)"
    #expect(words(.block, .process(cat)) == "Block exec of /bin/cat")
    #expect(words(.block, .process(.basename(Array("sh".utf8)))) == "Block exec of any 'sh'")
    #expect(words(.allow, .file(etc)) == "Allow read and write of \(place)")
    #expect(words(.allow, .file(etc), read: true) == "Allow read of \(place), no write")
    #expect(words(.allow, .file(etc), read: true, kind: .base) == "Allow read of \(place)")
    #expect(words(.allow, .file(etc), owner: true) == "Allow read and write of \(place), owner only")
    #expect(words(.allow, .file(etc), owner: true, read: true) == "Allow read of \(place), no write, owner only")
    #expect(words(.block, .file(etc), read: true) == "Block write of \(place)")
    #expect(words(.block, .file(etc), owner: true) == "Block read and write of \(place), unless owner")
    #expect(words(.audit, .file(etc), owner: true, read: true) == "Audit write of \(place), and read unless owner")
    #expect(words(.audit, .network(.tcp), from: [cat]) == "Audit tcp from /bin/cat")
    #expect(words(.block, .network(.raw)) == "Block raw sockets")
    #expect(words(.block, .network(.all)) == "Block all sockets")
    #expect(
      words(.block, .capability(.net_raw), from: [cat, odd])
        == "Block capability net_raw from /bin/cat or /a*\\007 (literally)"
    )
    #expect(words(.audit, .syscall(["unlink", "rmdir"], path: etc)) == "Audit syscalls unlink and rmdir on \(place)")
    #expect(
      words(.block, .process(cat), Rule.Condition(pts: true, allowedArguments: ["-l"]))
        == "Block exec of /bin/cat, with a terminal, with arguments '-l' (no verdict)"
    )
    #expect(words(.block, .file(.glob(try Glob(Array("/a/**".utf8))))) == "Block read and write of /a/**")
  }

  @Test func causes() throws {
    let location = Location(file: "shop.yaml", line: 12, column: 3)
    let id = PolicyID(kind: .pod, namespace: "shop", name: "web")
    let rule = Rule(
      target: .process(.literal(try #require(BytePath("/bin/nc")))),
      action: .block,
      origin: Origin(policy: id, position: 0, path: "spec", location: location)
    )
    let words = Cause.Kind.allCases.map { kind in
      Cause(kind, old: rule, new: rule, oldPosture: .audit, newPosture: .block).words(in: .process, located: true)
    }
    let text = "Block exec of /bin/nc (shop.yaml:12)"
    #expect(
      words == [
        "rule added: \(text)", "rule removed: \(text)", "rule changed: \(text) -> \(text)",
        "policy 'shop/web' added: \(text)", "policy 'shop/web' removed: \(text)",
        "policy 'shop/web' applies now: \(text)", "policy 'shop/web' applies no more: \(text)",
        "'Allow' makes process an allow-list: \(text)",
        "without this 'Allow' process is no allow-list any more: \(text)", "posture of file: audit -> block",
        "base list: \(text)", "AppArmor profiles differ: \(text)",
      ]
    )
    #expect(Cause(.posture, oldPosture: .audit, newPosture: .block).words == "posture: audit -> block")
    #expect(
      SettingChange.posture(.network, old: .audit, new: .block).words == "posture of network: audit -> block"
    )
    #expect(
      SettingChange.policyLeft(id, location).words(located: true) == "policy 'shop/web' applies no more (shop.yaml:12)"
    )
    #expect(SettingChange.baseList(old: nil, new: "runtime-v1").words == "base list: none -> runtime-v1")
    #expect(
      UnjudgedChange(what: "preset 'x'", kind: .changed, policy: id, location: location).words == "preset 'x' changed"
    )
  }
}
