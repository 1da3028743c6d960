internal import CArmor

/// `struct armor_control`: which bank is in force.
struct Control: Hashable {
  var bank: UInt32
  var generation: UInt32
  var hashKey: UInt64
  var rate: UInt32
  var flags: UInt32

  init(bank: UInt32, generation: UInt32, hashKey: UInt64, rate: UInt32 = 0, flags: UInt32 = 0) {
    self.bank = bank
    self.generation = generation
    self.hashKey = hashKey
    self.rate = rate
    self.flags = flags
  }

  init?(_ bytes: [UInt8]) {
    guard let raw = structure(armor_control.self, in: bytes), raw.bank < 2 else { return nil }
    self.init(
      bank: raw.bank,
      generation: raw.generation,
      hashKey: raw.hash_key,
      rate: raw.rate,
      flags: raw.flags
    )
  }

  var bytes: [UInt8] {
    var raw = armor_control()
    raw.bank = bank
    raw.generation = generation
    raw.hash_key = hashKey
    raw.rate = rate
    raw.flags = flags
    return Runtime.bytes(of: raw)
  }

  var otherBank: UInt32 { 1 - bank }
}

/// `struct armor_domain`: what a bank has for a domain.
struct DomainEntry: Hashable {
  /// 0...5; nil: no policy.
  var tier: Int?
  var generation: UInt32
  /// Empty: the number is free. Element 0, which is no domain, says here how far the bank is.
  var name: String

  static let size = MemoryLayout<armor_domain>.size
  static let nameCapacity = Int(ARMOR_DOMAIN_NAME)
  static let count = Int(ARMOR_MAX_DOMAINS)
  static let empty = DomainEntry(tier: nil, generation: 0, name: "")

  /// The state of a bank, in element 0.
  static func bank(_ generation: UInt32, isReady: Bool, auditsCalls: Bool = false) -> DomainEntry {
    let name = isReady ? auditsCalls ? "ready, system calls" : "ready" : "unfinished"
    return DomainEntry(tier: nil, generation: generation, name: name)
  }
  var isReadyBank: Bool { name.hasPrefix("ready") && generation > 0 }
  /// Some image of this bank has rules for system calls.
  var auditsCalls: Bool { name == "ready, system calls" }

  init(tier: Int?, generation: UInt32, name: String) {
    self.tier = tier
    self.generation = generation
    self.name = name
  }

  init(_ bytes: ArraySlice<UInt8>) {
    func word(_ place: Int) -> UInt32 {
      bytes.dropFirst(place).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    let raw = word(0)
    tier = raw == 0 || raw > UInt32(ARMOR_TIERS) ? nil : Int(raw) - 1
    generation = word(4)
    name = String(decoding: bytes.dropFirst(8).prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The name is cut where it does not fit; callers have checked that it does.
  var bytes: [UInt8] {
    var bytes = Runtime.bytes(of: tier.map { UInt32($0) + 1 } ?? 0) + Runtime.bytes(of: generation)
    bytes += name.utf8.prefix(DomainEntry.nameCapacity - 1)
    bytes += [UInt8](repeating: 0, count: DomainEntry.size - bytes.count)
    return bytes
  }
}

/// `struct armor_counters`, summed over processors.
package struct DomainCounters: Hashable, Sendable {
  package private(set) var counts: [UInt64]

  /// In the order of `enum armor_counter`.
  package static let names = [
    "allowed", "audited", "blocked", "undecided", "guarded", "reported", "heldBack", "lost",
  ]

  init(perCPU bytes: some RandomAccessCollection<UInt8>) {
    counts = [UInt64](repeating: 0, count: Int(ARMOR_COUNTERS.rawValue))
    var word: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      word |= UInt64(byte) << UInt64(index % 8 * 8)
      if index % 8 == 7 {
        counts[index / 8 % counts.count] &+= word
        word = 0
      }
    }
  }

  package subscript(_ name: String) -> UInt64 {
    DomainCounters.names.firstIndex(of: name).map { counts[$0] } ?? 0
  }
}
