package import Automata

extension CompiledProfile {
  /// What a string handed to the file automaton stands for.
  package enum FileStrings: Sendable {
    /// Names of files, directories with a trailing slash. Strings with a NUL get no permissions.
    case names
    /// Names, and pairs `link NUL target` as a hard link asks for. Records are those of the states as they are.
    case namesAndPairs
  }

  /// The file automaton as a minimal classifier, whose labels index the permission records, which are all different.
  ///
  /// Linear in states times distinct bytes, plus minimisation.
  package func fileClassifier(_ strings: FileStrings = .names) -> (classifier: Classifier, records: [FilePermissions]) {
    guard let fileDFA else {
      return (
        Classifier.importing(
          classOfByte: [UInt8](repeating: 0, count: 256),
          byteClassCount: 1,
          transitions: [0],
          labels: [0]
        ),
        [.nothing]
      )
    }
    let table = fileDFA.expanded(trapsNUL: strings == .names)
    var records: [FilePermissions] = []
    var indexOfRecord: [FilePermissions: UInt32] = [:]
    var indexOfKey: [RecordKey: UInt32] = [:]
    var links = LinkSummaries(fileDFA)
    let targets = execTargets.map { CompiledExec.Target(tableEntry: $0) }
    let labels = table.states.map { state -> UInt32 in
      let accept = fileDFA.accept[state]
      let accept2 = fileDFA.accept2[state]
      let summary = strings == .names ? links.summary(state) : nil
      let key = RecordKey(accept: accept, accept2: accept2, links: summary)
      if let known = indexOfKey[key] { return known }
      // Decoding has checked the targets, so there is a record.
      var record = FilePermissions(accept, accept2, execTargets: targets) ?? .nothing
      if strings == .names { record = record.folding(summary).effective }
      let index = indexOfRecord[record] ?? UInt32(records.count)
      if index == records.count { records.append(record) }
      indexOfRecord[record] = index
      indexOfKey[key] = index
      return index
    }
    return (
      Classifier.importing(
        classOfByte: table.classOfByte,
        byteClassCount: table.width,
        transitions: table.transitions,
        labels: labels
      ),
      records
    )
  }

  /// The record of one name (for a directory: with a trailing slash); equal to the classifier's.
  package func filePermissions(_ name: [UInt8]) -> FilePermissions {
    guard let fileDFA, !name.contains(0) else { return .nothing }
    let state = fileDFA.walk(name, from: fileDFA.start)
    var links = LinkSummaries(fileDFA)
    return permissions(fileDFA, state).folding(links.summary(Int(state))).effective
  }

  /// Whether the owner (or another user) of `target` may make it known as `name` too, by the kernel's rule: `link` on
  /// `name`; then, going on from there over NUL and `target`, `link` on the pair; and if the pair carries the subset
  /// bit (`lock`), as in every plain `l` rule, what `name` grants must be granted by `target` too, with the same exec
  /// transition. Audit and quiet bits come from the pair.
  package func allowsLink(name: [UInt8], target: [UInt8], owner: Bool) -> AccessAnswer {
    guard let fileDFA, !name.contains(0), !target.contains(0) else { return AccessAnswer(isAllowed: false) }
    func half(_ state: UInt16) -> FileVerdict {
      let record = permissions(fileDFA, state)
      return owner ? record.owner : record.other
    }
    let state = fileDFA.walk(name, from: fileDFA.start)
    let link = half(state)
    guard link.allow.contains(.link) else {
      return AccessAnswer(isAllowed: false, isQuiet: link.quiet.contains(.link))
    }
    let pair = half(fileDFA.walk(target, from: fileDFA.step(state, 0)))
    guard pair.allow.contains(.link) else {
      return AccessAnswer(isAllowed: false, isQuiet: pair.quiet.contains(.link))
    }
    let allowed = AccessAnswer(isAllowed: true, isAudited: pair.audit.contains(.link))
    guard pair.allow.contains(.lock) else { return allowed }
    let old = half(fileDFA.walk(target, from: fileDFA.start))
    let excess = link.allow.subtracting(.link).subtracting(old.allow)
    guard excess.isEmpty else { return AccessAnswer(isAllowed: false, isQuiet: excess.isSubset(of: pair.quiet)) }
    guard link.exec.map({ $0.isSubset(of: old.exec) }) ?? true else {
      return AccessAnswer(isAllowed: false, isQuiet: pair.quiet.contains(.exec))
    }
    return allowed
  }

  private func permissions(_ dfa: CompiledDFA, _ state: UInt16) -> FilePermissions {
    let targets = execTargets.map { CompiledExec.Target(tableEntry: $0) }
    // Decoding has checked the targets, so there is a record.
    return FilePermissions(dfa.accept[Int(state)], dfa.accept2[Int(state)], execTargets: targets) ?? .nothing
  }
}

extension CompiledExec {
  /// The same transition, except that the link may scrub the environment where its target does not.
  fileprivate func isSubset(of other: CompiledExec?) -> Bool {
    guard var other else { return false }
    if other.keepsEnvironment { other.keepsEnvironment = keepsEnvironment }
    return self == other
  }
}

/// What decides a record.
private struct RecordKey: Hashable {
  var accept: UInt32
  var accept2: UInt32
  var links: LinkSummaries.Summary?
}
