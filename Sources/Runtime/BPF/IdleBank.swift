internal import Bundle
internal import Glibc

/// The images of a generation, in maps of their own that nothing leads to yet.
struct IdleBank: ~Copyable {
  private let plan: GenerationPlan
  private let maps: [Held]
  private let auditsCalls: Bool

  /// INVARIANT: owns its map for as long as the bank is filled.
  private final class Held {
    let map: BPFMap
    let tier: Int
    init(_ map: consuming BPFMap, tier: Int) {
      self.map = map
      self.tier = tier
    }
  }

  /// Makes a frozen map of every image.
  init(_ plan: GenerationPlan, _ images: [MapImage], _ control: Control, paths: NodePaths) throws(NodeError) {
    self.plan = plan
    auditsCalls = images.contains { $0.header.syscallRows > 0 }
    IdleBank.raiseDescriptorLimit(to: images.count + 64)
    var maps: [Held] = []
    for image in images {
      guard let value = KernelImage(image, generation: plan.generation, key: control.hashKey) else {
        throw NodeError(
          "two sources that '\(image.subject)' names have one hash on this node: unload, then load again for another key"
        )
      }
      maps.append(Held(try BPFMap.frozen(value.bytes, name: "armor_image"), tier: image.tier))
    }
    self.maps = maps
  }

  /// Writes the bank. Its element 0 says that it is unfinished until all is there.
  borrowing func fill(_ matcher: borrowing PinnedMatcher) throws(NodeError) {
    var slots: [UInt32: BankWriter.Slot] = [:]
    for domain in plan.domains {
      let held = domain.image.map { maps[$0] }
      slots[domain.id] = BankWriter.Slot(name: domain.name, tier: held?.tier, image: held?.map.descriptor)
    }
    try BankWriter(matcher, bank: plan.bank).write(
      slots,
      generation: plan.generation,
      auditsCalls: auditsCalls,
      matcher
    )
  }

  /// Every image is an open descriptor until it is in the bank.
  private static func raiseDescriptorLimit(to count: Int) {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    let wanted = rlim_t(count + 256)
    guard limit.rlim_cur < wanted else { return }
    var raised = rlimit(rlim_cur: wanted, rlim_max: max(limit.rlim_max, wanted))
    // Without leave to raise the limit, as far as it goes.
    if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) != 0 {
      raised = rlimit(rlim_cur: min(wanted, limit.rlim_max), rlim_max: limit.rlim_max)
      _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised)
    }
  }
}

/// Writes the bank that is not in force.
///
/// INVARIANT: an outer map has an image in a place of the bank only if the domain's entry names its tier, whatever is
/// killed when: so nothing has to be looked up in outer maps, which takes a grace period of RCU per look-up on 6.1.
struct BankWriter: ~Copyable {
  struct Slot: Hashable {
    let name: String
    let tier: Int?
    /// Descriptor of the inner map; there if the tier is.
    let image: Int32?
  }

  private let bank: UInt32
  private let outer: [OuterMap]

  private final class OuterMap {
    let map: BPFMap
    init(_ map: consuming BPFMap) { self.map = map }
  }

  init(_ matcher: borrowing PinnedMatcher, bank: UInt32) throws(NodeError) {
    self.bank = bank
    var outer: [OuterMap] = []
    for tier in 0..<ImageHeader.tiers { outer.append(OuterMap(try matcher.map("images_\(tier)"))) }
    self.outer = outer
  }

  /// Writes all entries of the bank; those without a slot become free.
  borrowing func write(
    _ slots: [UInt32: Slot],
    generation: UInt32,
    auditsCalls: Bool = false,
    _ matcher: borrowing PinnedMatcher
  ) throws(NodeError) {
    let old = try matcher.readBanks()[Int(bank)]
    try matcher.write(.bank(generation, isReady: false), 0, bank: bank)
    var places = [[UInt32]](repeating: [], count: outer.count)
    var images = [[Int32]](repeating: [], count: outer.count)
    for id in 1..<UInt32(DomainEntry.count) {
      let before = old[Int(id)]
      let slot = slots[id]
      let place = id * 2 + bank
      if let tier = before.tier, tier != slot?.tier { try outer[tier].map.delete(key: bytes(of: place)) }
      var entry = DomainEntry.empty
      if let slot { entry = DomainEntry(tier: slot.tier, generation: generation, name: slot.name) }
      if entry != before { try matcher.write(entry, id, bank: bank) }
      if let slot, let tier = slot.tier, let image = slot.image {
        places[tier].append(place)
        images[tier].append(image)
      }
    }
    for tier in outer.indices { try outer[tier].map.update(places[tier], images[tier]) }
    try matcher.write(.bank(generation, isReady: true, auditsCalls: auditsCalls), 0, bank: bank)
  }
}
