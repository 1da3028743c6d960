internal import Bundle
internal import Glibc

/// The images of a generation, in maps of their own that nothing leads to yet.
struct IdleBank: ~Copyable {
  private let plan: GenerationPlan
  private let maps: [Held]

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
  borrowing func fill(_ matcher: borrowing Matcher) throws(NodeError) {
    try matcher.write(.bank(plan.generation, isReady: false), 0, bank: plan.bank)
    let outer = try OuterMaps(matcher.paths)
    var wanted: [[UInt32: Int32]] = Array(repeating: [:], count: ImageHeader.tiers)
    var entries = [DomainEntry](repeating: .empty, count: DomainEntry.count)
    for domain in plan.domains {
      var entry = DomainEntry(tier: nil, generation: plan.generation, name: domain.name)
      if let index = domain.image {
        entry.tier = maps[index].tier
        wanted[maps[index].tier][domain.id * 2 + plan.bank] = maps[index].map.descriptor
      }
      entries[Int(domain.id)] = entry
    }
    for tier in 0..<ImageHeader.tiers { try outer.replace(tier, bank: plan.bank, with: wanted[tier]) }
    let old = try matcher.readBanks()[Int(plan.bank)]
    for id in 1..<DomainEntry.count where entries[id] != old[id] {
      try matcher.write(entries[id], UInt32(id), bank: plan.bank)
    }
    try matcher.write(.bank(plan.generation, isReady: true), 0, bank: plan.bank)
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

/// The outer maps, one per size of image.
struct OuterMaps: ~Copyable {
  private let paths: NodePaths

  init(_ paths: NodePaths) throws(NodeError) { self.paths = paths }

  /// Puts images into a bank and takes out all others.
  borrowing func replace(_ tier: Int, bank: UInt32, with wanted: [UInt32: Int32]) throws(NodeError) {
    let map = try BPFMap.open(pinned: paths.map("images_\(tier)"))
    for index in stride(from: bank, to: UInt32(2 * DomainEntry.count), by: 2) {
      if let descriptor = wanted[index] {
        try map.update(index, bytes(of: descriptor))
      } else if try map.value(index) != nil {
        try map.delete(key: bytes(of: index))
      }
    }
  }
}
