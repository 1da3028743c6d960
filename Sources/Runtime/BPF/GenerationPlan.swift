/// What a load will write: one entry per domain of the idle bank. Made without a kernel.
struct GenerationPlan: Hashable {
  /// A number that tasks carry, and what it means in the next generation.
  struct Domain: Hashable {
    let id: UInt32
    let name: String
    /// Index of its image; nil: it is kept for tasks that carry it, and has no policy.
    let image: Int?
  }

  let generation: UInt32
  let bank: UInt32
  /// Sorted by number.
  let domains: [Domain]

  /// - Parameters:
  ///   - names: of the subjects to load, which differ from each other.
  ///   - control: what is in force.
  ///   - inForce: the entries of the bank in force, by number; element 0 is the bank's own.
  ///   - idle: those of the other.
  ///   - used: numbers that tasks or cgroups carry.
  init(
    names: [String],
    control: Control,
    inForce: [DomainEntry],
    idle: [DomainEntry],
    used: Set<UInt32>
  ) throws(NodeError) {
    // A number is never given twice, not even to a generation whose load was killed: tasks remember by it.
    let highest = max(control.generation, inForce.first?.generation ?? 0, idle.first?.generation ?? 0)
    guard highest < UInt32.max else { throw NodeError("no generation number is left; unload and load again") }
    generation = highest + 1
    bank = control.otherBank

    var idOf: [String: UInt32] = [:]
    var taken: Set<UInt32> = used
    for (id, entry) in inForce.enumerated().dropFirst() where !entry.name.isEmpty {
      idOf[entry.name] = UInt32(id)
      taken.insert(UInt32(id))
    }
    // Tasks of a generation that was rolled back carry numbers which only the idle bank can name.
    for (id, entry) in idle.enumerated().dropFirst() where !entry.name.isEmpty && used.contains(UInt32(id)) {
      if inForce.indices.contains(id), !inForce[id].name.isEmpty { continue }
      if idOf[entry.name] == nil { idOf[entry.name] = UInt32(id) }
    }
    let known = idOf

    var domains: [Domain] = []
    var free: UInt32 = 1
    for (index, name) in names.enumerated() {
      guard name.utf8.count < DomainEntry.nameCapacity, !name.isEmpty, !name.utf8.contains(0) else {
        throw NodeError("subject name '\(name)' has more than \(DomainEntry.nameCapacity - 1) bytes or none")
      }
      if let id = known[name] {
        domains.append(Domain(id: id, name: name, image: index))
        continue
      }
      while taken.contains(free) { free += 1 }
      guard free < UInt32(DomainEntry.count) else {
        throw NodeError(
          "there are more than \(DomainEntry.count - 1) domains, those included that tasks or the generation in force use"
        )
      }
      taken.insert(free)
      domains.append(Domain(id: free, name: name, image: index))
    }

    let wanted = Set(names)
    for (name, id) in known where !wanted.contains(name) {
      // Its policy is gone. The number stays its own while a task carries it, or while the generation before has it.
      let hadPolicy = inForce.indices.contains(Int(id)) && inForce[Int(id)].name == name && inForce[Int(id)].tier != nil
      if hadPolicy || used.contains(id) { domains.append(Domain(id: id, name: name, image: nil)) }
    }
    self.domains = domains.sorted { $0.id < $1.id }
  }
}
