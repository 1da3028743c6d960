import Automata
import IR

/// What a comparison of verdicts cannot see: ways around the profiles. armorc writes none of them, so a compiled profile
/// that has one is not what `build` made.
enum ProfileConfinement {
  /// The first way around, in words; nil if there is none.
  /// - Throws: `BudgetError` when an attachment is too large to be compared.
  static func defect(
    _ profiles: [CompiledProfile],
    enter: String,
    isHost: Bool,
    floor: Floor,
    table: DecisionTable,
    budget: StateBudget
  ) throws(BudgetError) -> String? {
    if Set(profiles.map(\.name)).count < profiles.count { return "a profile stands there twice" }
    for profile in profiles {
      let name = "profile '\(profile.name)'"
      if profile.namespace != nil { return name + " is for another namespace" }
      if profile.pathFlags != CompiledProfile.attachDisconnected | CompiledProfile.mediateDeleted {
        return name + " has other path flags than 'attach_disconnected,mediate_deleted'"
      }
      if profile.changesProfile { return name + " lets processes change to other profiles" }
      if !isHost, profile.attachmentDFA != nil { return name + " attaches to programs by itself" }
      if !isHost, floor != .none, profile.allowsMount { return name + " lets processes mount, which the floor denies" }
    }
    return isHost ? try attachmentDefect(profiles, enter: enter, table: table, budget: budget) : nil
  }

  /// On a host one profile attaches to everything, the others to their sources alone.
  private static func attachmentDefect(
    _ profiles: [CompiledProfile],
    enter: String,
    table: DecisionTable,
    budget: StateBudget
  ) throws(BudgetError) -> String? {
    let sources = table.sources.paths.dropFirst().flatMap { $0 }
    let isSource = try Partition.of([.union(sources.map { .literal($0.bytes) })], budget: budget)
    for profile in profiles {
      let isEntry = profile.name == enter
      guard let attached = profile.attachmentDFA?.accepted else {
        if isEntry { return "profile '\(enter)' attaches to nothing" }
        continue
      }
      let wrong =
        isEntry
        // Label 0 of the table is what is no path.
        ? try table.paths.product(attached, budget: budget) { $0 != 0 && $1 == 0 ? 1 : 0 }
        : try isSource.classifier.product(attached, budget: budget) {
          isSource.members[Int($0)].isEmpty && $1 != 0 ? 1 : 0
        }
      guard let witness = wrong.shortestWitness(where: { $0 == 1 }) else { continue }
      let path = BytePath(witness)?.description ?? String(decoding: witness, as: UTF8.self)
      return isEntry
        ? "profile '\(enter)' does not attach to '\(path)'"
        : "profile '\(profile.name)' attaches to '\(path)', which is no source"
    }
    return nil
  }
}

extension CompiledProfile {
  /// Whether any `change_profile` or `change_onexec` is permitted.
  fileprivate var changesProfile: Bool { fileDFA?.accept.contains { $0 & 0xC000_0000 != 0 } ?? false }

  /// Whether anything can be mounted, moved, remounted or pivoted to; `umount` is not meant. Bits of the kernel's
  /// `apparmor.h`: 1 `AA_MAY_PIVOTROOT`, 2 `AA_MAY_MOUNT`, 4 `AA_MAY_UMOUNT`.
  fileprivate var allowsMount: Bool {
    guard let policyDB, mediates(class: PolicyClass.mount.rawValue) else { return true }
    let below = policyDB.starting(at: policyDB.step(policyDB.start, PolicyClass.mount.rawValue))
    return below.expanded(trapsNUL: false).states.contains { below.accept[$0] & 0x3 != 0 }
  }
}

extension CompiledDFA {
  /// Labels what it accepts 1, all else 0.
  fileprivate var accepted: Classifier {
    let table = expanded(trapsNUL: true)
    return Classifier.importing(
      classOfByte: table.classOfByte,
      byteClassCount: table.width,
      transitions: table.transitions,
      labels: table.states.map { accept[$0] & 1 }
    )
  }
}
