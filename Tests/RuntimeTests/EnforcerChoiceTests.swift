import Testing

@testable import Runtime

/// Which enforcer `load` takes for a bundle.
@Suite struct EnforcerChoiceTests {
  private enum State { case works, fails, unseen, loaded }

  private func choice(_ bundle: Set<String>, bpf: State, apparmor: State) throws -> EnforcerChoice {
    let states = [("bpf", bpf), ("apparmor", apparmor)]
    let candidates = states.map { name, state in
      var probe = EnforcerProbe(name: name)
      if state == .fails { probe.obstacles = ["the kernel does not ask \(name)"] }
      if state == .unseen { probe.unseen = ["securityfs is not mounted for \(name)"] }
      return EnforcerChoice.Candidate(probe, isLoaded: state == .loaded)
    }
    return try EnforcerChoice(holding: bundle, among: candidates)
  }

  @Test func bothOnANodeThatHasBoth() throws {
    let choice = try choice(["bpf", "apparmor"], bpf: .works, apparmor: .works)
    #expect(choice.name == "bpf" && choice.note == nil)
  }

  @Test func profilesOnANodeThatPrefersBPF() throws {
    let choice = try choice(["apparmor"], bpf: .works, apparmor: .works)
    #expect(choice.name == "apparmor")
    #expect(
      choice.note == "the bundle holds no BPF map images, which this node would prefer: loading its AppArmor profiles"
    )
  }

  @Test func theSecondBestIsSaid() throws {
    let choice = try choice(["bpf", "apparmor"], bpf: .fails, apparmor: .works)
    #expect(choice.name == "apparmor")
    #expect(choice.note == "loading AppArmor profiles: bpf does not work here (see 'armorc probe')")
    let only = try self.choice(["apparmor"], bpf: .fails, apparmor: .works)
    #expect(only.name == "apparmor" && only.note == nil)
  }

  @Test func whatIsLoadedComesFirst() throws {
    let choice = try choice(["bpf", "apparmor"], bpf: .works, apparmor: .loaded)
    #expect(choice.name == "apparmor" && choice.note == nil)
    let both = try self.choice(["apparmor"], bpf: .loaded, apparmor: .loaded)
    #expect(both.name == "apparmor" && both.note == nil)
  }

  /// Two enforcers in force at once are nobody's accident.
  @Test func anotherIsInForce() throws {
    let error = try #require(throws: NodeError.self) { try choice(["apparmor"], bpf: .loaded, apparmor: .works) }
    #expect(
      error.message
        == "BPF map images are in force on this node and the bundle holds AppArmor profiles: build it with --target bpf, "
        + "'armorc unload' first, or --enforcer apparmor to have both in force"
    )
  }

  @Test func nothingFits() throws {
    let apparmor = try #require(throws: NodeError.self) { try choice(["apparmor"], bpf: .works, apparmor: .fails) }
    #expect(
      apparmor.message
        == "the bundle holds AppArmor profiles; apparmor does not work here: the kernel does not ask apparmor; this node "
        + "enforces BPF map images: build the bundle with --target bpf"
    )
    let neither = try #require(throws: NodeError.self) { try choice(["bpf"], bpf: .fails, apparmor: .unseen) }
    #expect(
      neither.message
        == "the bundle holds BPF map images; bpf does not work here: the kernel does not ask bpf; nothing else would work "
        + "here either (see 'armorc probe')"
    )
    let both = try #require(throws: NodeError.self) { try choice(["bpf", "apparmor"], bpf: .fails, apparmor: .unseen) }
    #expect(both.message.contains("securityfs is not mounted for apparmor"))
    let nothing = try #require(throws: NodeError.self) { try choice([], bpf: .works, apparmor: .works) }
    #expect(
      nothing.message
        == "the bundle holds nothing that a node could enforce; this node enforces BPF map images: build the bundle with "
        + "--target bpf"
    )
  }
}
