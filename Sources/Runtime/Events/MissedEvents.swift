internal import CArmor

/// What the matcher could not or would not report, by domain.
package struct MissedEvents: Hashable, Sendable {
  package struct Count: Hashable, Sendable {
    package var lost: UInt64 = 0
    package var heldBack: UInt64 = 0

    package init(lost: UInt64 = 0, heldBack: UInt64 = 0) {
      self.lost = lost
      self.heldBack = heldBack
    }
  }

  private var domains: [UInt32: Count] = [:]

  /// Of all domains that have a name; nothing if nothing is loaded.
  package init(_ paths: NodePaths) throws(NodeError) {
    guard let matcher = try PinnedMatcher.open(paths) else { return }
    let counters = try matcher.map("counters")
    for bank in try matcher.readBanks() {
      for (id, entry) in bank.enumerated().dropFirst() where !entry.name.isEmpty && domains[UInt32(id)] == nil {
        guard let bytes = try counters.value(UInt32(id)) else { continue }
        let sum = DomainCounters(perCPU: bytes)
        domains[UInt32(id)] = Count(lost: sum["lost"], heldBack: sum["heldBack"])
      }
    }
  }

  /// What was missed since `before`. A matcher that was loaded anew counts from 0.
  package func since(_ before: MissedEvents) -> Count {
    var result = Count()
    for (id, now) in domains {
      let then = before.domains[id] ?? Count()
      result.lost &+= now.lost >= then.lost ? now.lost - then.lost : now.lost
      result.heldBack &+= now.heldBack >= then.heldBack ? now.heldBack - then.heldBack : now.heldBack
    }
    return result
  }
}
