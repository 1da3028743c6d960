import Backends
import Runtime
import Testing
import _PolicyTestSupport

/// Sockets, capabilities, other classes and flags: the real parser's output against the rules' plain meaning.
@Suite(.enabled(if: installedParser != nil, "apparmor_parser is not installed"))
struct CompiledPolicyDBTests {
  /// Families that the parser of Debian 12 names, by number; `socket.h`.
  private static let families: [String: UInt16] = [
    "unix": 1, "inet": 2, "inet6": 10, "netlink": 16, "packet": 17, "bluetooth": 31, "vsock": 40, "xdp": 44,
  ]
  private static let types: [String: UInt16] = ["stream": 1, "dgram": 2, "raw": 3, "rdm": 4, "seqpacket": 5]

  private struct SocketRule {
    var family: String?
    var type: String?
    var isAudited: Bool
    var isDeny: Bool

    var text: String {
      [isAudited ? "audit" : nil, isDeny ? "deny" : nil, "network", family, type].compactMap { $0 }
        .joined(separator: " ") + ","
    }

    /// As parser 3.0.8 understands the rules: a bare `network` is everything below 46; a family alone means types 1 to 5
    /// and 10; a type alone means every family but 12 (DECnet), which the parser does not know.
    func matches(_ family: UInt16, _ type: UInt16) -> Bool {
      switch (self.family, self.type) {
      case (nil, nil): true
      case (let name?, nil): CompiledPolicyDBTests.families[name] == family && (1...5 ~= type || type == 10)
      case (nil, let name?): CompiledPolicyDBTests.types[name] == type && family != 12
      case (let name?, let other?):
        CompiledPolicyDBTests.families[name] == family && CompiledPolicyDBTests.types[other] == type
      }
    }
  }

  @Test func randomNetworkRules() throws {
    var random = SeededGenerator(seed: 0x5EC)
    for _ in 0..<60 {
      let rules = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        SocketRule(
          family: random.pick([nil] + Self.families.keys.sorted()),
          type: random.pick([nil] + Self.types.keys.sorted()),
          isAudited: random.chance(40),
          isDeny: random.chance(40)
        )
      }
      let text = "profile p {\n" + rules.map { "  \($0.text)\n" }.joined() + "}\n"
      let profile = try compiledProfile(text)
      for family in UInt16(0)...45 {
        for type in UInt16(0)...11 {
          let matching = rules.filter { $0.matches(family, type) }
          let denied = matching.filter(\.isDeny)
          let allowed = matching.filter { !$0.isDeny }
          let expected = AccessAnswer(
            isAllowed: denied.isEmpty && !allowed.isEmpty,
            isAudited: allowed.contains(where: \.isAudited),
            isQuiet: denied.contains { !$0.isAudited }
          )
          let decoded = profile.allowsSocket(family: family, type: type)
          #expect(decoded == expected, "family \(family), type \(type) in\n\(text)")
          if decoded != expected { return }
        }
      }
    }
  }

  /// A bare `network` rule allows all types of all families, those without a name too.
  @Test func allSockets() throws {
    let all = try compiledProfile("profile p { network, }")
    let none = try compiledProfile("profile p { /x r, }")
    for family in UInt16(0)...45 {
      for type in UInt16(0)...11 {
        #expect(all.allowsSocket(family: family, type: type) == AccessAnswer(isAllowed: true))
        #expect(none.allowsSocket(family: family, type: type) == AccessAnswer(isAllowed: false))
      }
    }
    let icmp = try compiledProfile("profile p { network inet icmp, }")
    #expect(icmp.allowsSocket(family: 2, type: 3).isAllowed && !icmp.allowsSocket(family: 2, type: 2).isAllowed)
  }

  @Test func everyCapability() throws {
    #expect(KernelFeatures.capabilityNames.count == 41)
    for (number, name) in KernelFeatures.capabilityNames.enumerated() {
      let profiles = try compiled(
        """
        profile a { capability \(name), }
        profile b { audit capability \(name), }
        profile c { capability, deny capability \(name), }
        profile d { capability, audit deny capability \(name), }
        profile e { capability, }
        """
      )
      for other in 0..<41 {
        let isIt = other == number
        let expected = [
          AccessAnswer(isAllowed: isIt),
          AccessAnswer(isAllowed: isIt, isAudited: isIt),
          AccessAnswer(isAllowed: !isIt, isQuiet: isIt),
          AccessAnswer(isAllowed: !isIt),
          AccessAnswer(isAllowed: true),
        ]
        #expect(profiles.map { $0.allowsCapability(other) } == expected, "capability \(name), asked for \(other)")
      }
    }
  }

  @Test func classes() throws {
    let profiles = try compiled("profile none { /x r, }\nprofile all { mount, ptrace, signal, network, }")
    let all = try #require(profiles.first { $0.name == "all" })
    let none = try #require(profiles.first { $0.name == "none" })
    for byte in [PolicyClass.mount, .ptrace, .signal, .network].map(\.rawValue) {
      #expect(all.mediates(class: byte) && none.mediates(class: byte), "class \(byte)")
    }
    // Not in our features, so never mediated.
    #expect(!all.mediates(class: PolicyClass.dbus.rawValue) && all.policyDBPermissions(prefix: [32]) == nil)
    // signal: the class, the signal's number (kill is 9), the label of the peer.
    let signal = [PolicyClass.signal.rawValue, 9] + Array("peer".utf8)
    #expect(all.policyDBPermissions(prefix: signal)?.allow == 0x6)
    #expect(none.policyDBPermissions(prefix: signal)?.allow == 0)
    let ptrace = [PolicyClass.ptrace.rawValue] + Array("peer".utf8)
    #expect((all.policyDBPermissions(prefix: ptrace)?.allow ?? 0) & 0xf != 0)
    #expect(none.policyDBPermissions(prefix: ptrace)?.allow == 0)
  }

  /// What the features decide: without `network_v8` sockets are not mediated, without any class nothing is.
  @Test func unmediated() throws {
    let text = "profile p { deny network, mount, }"
    #expect(!(try compiledProfile(text)).allowsSocket(family: 2, type: 1).isAllowed)
    let plain = "policy {versions {v5 {yes\n}\nv6 {yes\n}\nv7 {yes\n}\n}\n}\n"
    let blind = try #require(try compiled(text, features: plain).first)
    #expect(blind.allowsSocket(family: 2, type: 1) == AccessAnswer(isAllowed: true))
    #expect(!blind.mediates(class: PolicyClass.mount.rawValue))
    let oldest = try #require(try compiled(text, features: "policy {versions {v5 {yes\n}\n}\n}\n").first)
    #expect(oldest.allowsSocket(family: 2, type: 1) == AccessAnswer(isAllowed: true))
    #expect(oldest.abi == 5)
  }

  /// An `abi` rule in the text must not replace our features.
  @Test func abiRuleIsOverridden() throws {
    let text = "profile p { deny network, mount, }"
    #expect(try compiledProfile("abi <abi/kernel-5.4-vanilla>,\n" + text).mediates(class: 14))
  }

  @Test func frames() throws {
    let profiles = try compiled(
      """
      profile plain { }
      profile flagged flags=(complain, audit, attach_disconnected, mediate_deleted) { }
      profile attached /srv/{,**} { }
      profile parent { profile kid { /k r, } ^hat { /h r, } }
      """
    )
    let byName = Dictionary(uniqueKeysWithValues: profiles.map { ($0.name, $0) })
    #expect(Set(byName.keys) == ["plain", "flagged", "attached", "parent", "parent//kid", "parent//hat"])
    let plain = try #require(byName["plain"])
    #expect(plain.mode == .enforce && !plain.auditsAll && plain.attachmentDFA == nil)
    let flagged = try #require(byName["flagged"])
    #expect(flagged.mode == .complain && flagged.auditsAll)
    #expect(flagged.pathFlags == CompiledProfile.attachDisconnected | CompiledProfile.mediateDeleted)
    let access = try flagged.access()
    #expect(access.isComplain && access.capabilities.allSatisfy(\.isLogged))
    let attached = try #require(byName["attached"])
    #expect(attached.attaches(to: Array("/srv/a/b".utf8)) && !attached.attaches(to: Array("/usr".utf8)))
    #expect(byName["parent//hat"]?.isHat == true && byName["parent//kid"]?.isHat == false)
    #expect(byName["parent//kid"]?.filePermissions(Array("/k".utf8)).owner.allow == .read)
  }
}
