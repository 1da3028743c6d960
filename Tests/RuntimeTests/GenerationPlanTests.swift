import Testing

@testable import Runtime

/// Which number each subject gets, without a kernel.
@Suite struct GenerationPlanTests {
  private let empty = [DomainEntry](repeating: .empty, count: DomainEntry.count)

  private func bank(_ generation: UInt32, _ names: [UInt32: (String, Int?)]) -> [DomainEntry] {
    var bank = empty
    bank[0] = .bank(generation, isReady: true)
    for (id, entry) in names { bank[Int(id)] = DomainEntry(tier: entry.1, generation: generation, name: entry.0) }
    return bank
  }

  private func control(_ generation: UInt32) -> Control { Control(bank: 0, generation: generation, hashKey: 1) }

  private func ids(_ plan: GenerationPlan) -> [String: UInt32] {
    Dictionary(uniqueKeysWithValues: plan.domains.map { ($0.name, $0.id) })
  }

  @Test func firstNumbersAreInOrder() throws {
    let plan = try GenerationPlan(names: ["a", "b"], control: control(0), inForce: empty, idle: empty, used: [])
    #expect(plan.generation == 1 && plan.bank == 1)
    #expect(ids(plan) == ["a": 1, "b": 2])
  }

  @Test func namesKeepTheirNumbers() throws {
    let plan = try GenerationPlan(
      names: ["c", "b"],
      control: control(4),
      inForce: bank(4, [1: ("a", 0), 7: ("b", 0)]),
      idle: bank(3, [:]),
      used: []
    )
    #expect(plan.generation == 5)
    // 'a' had a policy in the generation that can be returned to: its number is not given away yet.
    #expect(ids(plan) == ["a": 1, "b": 7, "c": 2])
    #expect(plan.domains.first { $0.name == "a" }?.image == nil)
  }

  @Test func numbersThatTasksCarryAreNotGivenAway() throws {
    let inForce = bank(4, [1: ("a", nil), 2: ("b", nil)])
    let plan = try GenerationPlan(
      names: ["c", "d"],
      control: control(4),
      inForce: inForce,
      idle: bank(3, [:]),
      used: [1, 3]
    )
    // 2 is free from now on, but the bank in force still calls it 'b'.
    #expect(ids(plan) == ["a": 1, "c": 4, "d": 5])
    var later = bank(5, [1: ("a", nil), 4: ("c", 0), 5: ("d", 0)])
    later[0] = .bank(5, isReady: true)
    let next = try GenerationPlan(
      names: ["c", "d", "e"],
      control: Control(bank: 1, generation: 5, hashKey: 1),
      inForce: later,
      idle: inForce,
      used: [1, 3]
    )
    #expect(ids(next) == ["a": 1, "c": 4, "d": 5, "e": 2])
  }

  @Test func tasksOfARolledBackGenerationFindTheirSubject() throws {
    // Generation 3 had 'n' as 9, tasks carry it; 2 is in force again.
    let plan = try GenerationPlan(
      names: ["n"],
      control: control(2),
      inForce: bank(2, [1: ("a", 0)]),
      idle: bank(3, [1: ("a", 0), 9: ("n", 0)]),
      used: [9]
    )
    #expect(plan.generation == 4)
    #expect(ids(plan) == ["a": 1, "n": 9])
  }

  @Test func numbersOfGenerationsAreNeverGivenTwice() throws {
    var idle = empty
    // A load of generation 8 was killed while it wrote.
    idle[0] = .bank(8, isReady: false)
    let plan = try GenerationPlan(names: [], control: control(2), inForce: bank(2, [:]), idle: idle, used: [])
    #expect(plan.generation == 9)
  }

  @Test func limitsAreNamed() throws {
    let names = (0..<DomainEntry.count - 1).map { "s\($0)" }
    let full = try GenerationPlan(names: names, control: control(0), inForce: empty, idle: empty, used: [])
    #expect(full.domains.count == 4095 && full.domains.last?.id == 4095)
    #expect(throws: NodeError.self) {
      try GenerationPlan(names: names + ["one"], control: control(0), inForce: empty, idle: empty, used: [])
    }
    #expect(throws: NodeError.self) {
      try GenerationPlan(
        names: [String(repeating: "x", count: 128)],
        control: control(0),
        inForce: empty,
        idle: empty,
        used: []
      )
    }
    #expect(throws: NodeError.self) {
      try GenerationPlan(names: [], control: control(.max), inForce: empty, idle: empty, used: [])
    }
  }

  @Test func domainsAreFoundByTheirWords() throws {
    let names = DomainNames(bank(1, [1: ("shop.cart.cart", 0), 2: ("shop.cart.metrics", 0), 3: ("shop.web.nginx", 0)]))
    #expect(try names.find("shop.cart.cart").id == 1)
    #expect(try names.find("shop/cart/metrics").id == 2)
    #expect(try names.find("shop/web").name == "shop.web.nginx")
    #expect { try names.find("shop/cart") } throws: { "\($0)".contains("shop.cart.cart, shop.cart.metrics") }
    #expect { try names.find("bank") } throws: { "\($0)".hasPrefix("no domain 'bank' is loaded; there are shop.cart") }
  }

  /// By the kernel's declarations: `asm/unistd_64.h` and `linux/syscalls.h`.
  @Test(arguments: [
    (0, 0), (1, 0), (2, 1), (59, 1), (83, 1), (88, 2), (165, 1), (166, 1), (257, 2), (265, 2), (266, 3), (316, 2),
    (322, 2), (332, 2), (41, 0),
  ])
  func argumentsThatArePaths(_ number: Int, _ argument: UInt8) {
    #expect(SyscallProgram.pathArguments[number] == argument)
  }

  @Test func recordsSurviveTheirBytes() throws {
    let control = Control(bank: 1, generation: 7, hashKey: .max - 1, rate: 50, flags: 3)
    #expect(Control(control.bytes) == control)
    #expect(Control(Array(control.bytes.dropLast())) == nil)
    let entry = DomainEntry(tier: 5, generation: 9, name: String(repeating: "n", count: 127))
    #expect(DomainEntry(entry.bytes[...]) == entry && entry.bytes.count == 136)
    #expect(DomainEntry(DomainEntry.empty.bytes[...]) == .empty)
    for auditsCalls in [false, true] {
      let bank = DomainEntry(DomainEntry.bank(3, isReady: true, auditsCalls: auditsCalls).bytes[...])
      #expect(bank.isReadyBank && bank.auditsCalls == auditsCalls && bank.tier == nil)
    }
    #expect(!DomainEntry.bank(3, isReady: false).isReadyBank && !DomainEntry.empty.isReadyBank)
    let counters = DomainCounters(
      perCPU: (0..<128).map { (place: Int) -> UInt8 in place % 8 == 0 ? UInt8(place / 8) : 0 }
    )
    // Two processors: 0 ... 7 and 8 ... 15.
    let sums: [UInt64] = [8, 10, 12, 14, 16, 18, 20, 22]
    #expect(counters.counts == sums)
  }
}
