import Automata
import Backends
import Runtime
import Testing

/// A binary that is part of the test: nothing here needs the parser.
@Suite struct CompiledGoldenTests {
  private func golden() throws -> CompiledProfile {
    let profiles = try CompiledPolicy.decode(GoldenPolicy.bytes)
    #expect(profiles.map(\.name) == ["armorc.empty", "armorc.golden"])
    return try #require(profiles.last)
  }

  @Test func frame() throws {
    let profiles = try CompiledPolicy.decode(GoldenPolicy.bytes)
    let empty = try #require(profiles.first)
    #expect(empty.mode == .complain)
    #expect(empty.policyDB != nil && empty.attachmentDFA == nil)
    #expect(empty.pathFlags == CompiledProfile.mediateDeleted)
    #expect(empty.filePermissions(Array("/x".utf8)) == .nothing)
    #expect(empty.fileClassifier().records == [.nothing])
    #expect(!empty.allowsSocket(family: 2, type: 1).isAllowed)
    let golden = try #require(profiles.last)
    #expect(golden.mode == .enforce && !golden.auditsAll && !golden.isHat && golden.abi == 7)
    #expect(golden.pathFlags == CompiledProfile.mediateDeleted | CompiledProfile.attachDisconnected)
    #expect(golden.execTargets == ["other", "&b_S//&b_T", "&b_S"])
  }

  @Test func capabilities() throws {
    let profile = try golden()
    for number in 0..<64 {
      let expected =
        switch number {
        case 0: AccessAnswer(isAllowed: true, isAudited: true)
        case 13: AccessAnswer(isAllowed: false)
        case 21: AccessAnswer(isAllowed: false, isQuiet: true)
        default: AccessAnswer(isAllowed: true)
        }
      #expect(profile.allowsCapability(number) == expected, "capability \(number)")
    }
    #expect(!profile.allowsCapability(64).isAllowed && !profile.allowsCapability(-1).isAllowed)
  }

  @Test func sockets() throws {
    let profile = try golden()
    for family in UInt16(0)...45 {
      for type in UInt16(0)...11 {
        let expected =
          switch (family, type) {
          case (2, 1): AccessAnswer(isAllowed: false, isQuiet: true)
          case (10, 3): AccessAnswer(isAllowed: false)
          default: AccessAnswer(isAllowed: true)
          }
        #expect(profile.allowsSocket(family: family, type: type) == expected, "family \(family), type \(type)")
      }
    }
  }

  @Test func files() throws {
    let profile = try golden()
    let free: FileBits = [.read, .link, .lock, .map, .exec]
    func verdict(_ allow: FileBits, audit: FileBits = [], quiet: FileBits = []) -> FileVerdict {
      FileVerdict(allow: allow, audit: audit, quiet: quiet, exec: allow.contains(.exec) ? .inherit : nil)
    }
    let plain = verdict(free)
    let expected: [String: FilePermissions] = [
      "/": FilePermissions(owner: plain, other: plain),
      "/etc/secret2": FilePermissions(owner: plain, other: plain),
      "/etc/secret": FilePermissions(
        owner: verdict([.lock, .map, .exec]),
        other: verdict([.lock, .map, .exec])
      ),
      "/home": FilePermissions(owner: verdict(free.subtracting(.map), quiet: .map), other: plain),
      "/x": FilePermissions(
        owner: verdict(free.union([.write, .append]), audit: [.write, .append]),
        other: verdict(free.union([.write, .append]), audit: [.write, .append])
      ),
      "x": .nothing,
      "": .nothing,
    ]
    let (classifier, records) = profile.fileClassifier()
    for (name, wanted) in expected {
      #expect(profile.filePermissions(Array(name.utf8)).effective == wanted, "\(name)")
      #expect(records[Int(classifier.label(of: Array(name.utf8)))] == wanted, "\(name)")
    }
    #expect(Set(records).count == records.count)
    #expect(records[Int(classifier.label(of: [0x2f, 0, 0x2f]))] == .nothing)
  }

  @Test func transitions() throws {
    let profile = try golden()
    func exec(_ name: String) -> CompiledExec? { profile.filePermissions(Array(name.utf8)).owner.exec }
    #expect(
      exec("/bin/S") == CompiledExec(target: .stacked(["b_S"]), fallback: .inherit, keepsEnvironment: true)
    )
    #expect(
      exec("/bin/T") == CompiledExec(target: .stacked(["b_S", "b_T"]), fallback: .inherit, keepsEnvironment: true)
    )
    #expect(exec("/bin/P") == CompiledExec(target: .profiles(["other"]), fallback: .deny, keepsEnvironment: true))
    #expect(exec("/bin/U") == CompiledExec(target: .none, fallback: .unconfined, keepsEnvironment: false))
    #expect(exec("/bin/V") == .inherit)
  }

  @Test func commonForm() throws {
    let access = try golden().access()
    #expect(access.network[SocketKey(family: 2, type: 1)] == Right(isAllowed: false, isLogged: false))
    #expect(access.network[SocketKey(family: 10, type: 3)] == Right(isAllowed: false, isLogged: true))
    #expect(access.capabilities[0] == Right(isAllowed: true, isLogged: true))
    func transition(_ name: String) -> ExecTransition? {
      access.fileRights[Int(access.files.label(of: Array(name.utf8)))].other.transition
    }
    #expect(transition("/bin/S") == .stack(["b_S"]))
    #expect(transition("/bin/P") == .replace(["other"]))
    #expect(transition("/bin/V") == .inherit)
    #expect(transition("x") == nil)
    guard case .foreign = transition("/bin/U") else {
      Issue.record("Ux is foreign")
      return
    }
  }

  @Test(.enabled(if: installedParser != nil, "apparmor_parser is not installed"))
  func parserStillSaysTheSame() throws {
    let parser = try #require(installedParser)
    guard try parser.version() == "3.0.8" else { return }
    #expect(try parser.compile(Array(GoldenPolicy.text.utf8)) == GoldenPolicy.bytes)
  }
}
