/// What the pairs `name NUL target` behind a name say of hard links, over all targets.
///
/// The parser writes `l` rules as pairs: the name's own `link` bit only says that some rule gives it. `deny /x l`, for
/// one, leaves the bit of `/x` alone and refuses every pair instead. So the right to link under a name is read off the
/// pairs, for all targets that a hard link can have: absolute, no empty component, no directory.
struct LinkSummaries {
  struct Summary: Hashable {
    var owner: Kind
    var other: Kind
  }

  enum Kind: Hashable {
    case allowed(isAudited: Bool)
    case refused(isQuiet: Bool)
    /// Not the same for all targets, or too large to tell.
    case mixed
  }

  private let dfa: CompiledDFA
  /// By the state after NUL.
  private var known: [UInt16: Summary] = [:]
  /// Pairs of states still to be visited, over all summaries: keeps the whole linear in the automaton. Profiles of
  /// armorc need a handful per different summary.
  private var budget: Int

  init(_ dfa: CompiledDFA) {
    self.dfa = dfa
    budget = 4 * dfa.stateCount + 1024
  }

  /// Nil if the name's state does not give `link` to anybody, so that no pair is asked.
  mutating func summary(_ state: Int) -> Summary? {
    let link = UInt32(FileBits.link.rawValue)
    guard dfa.accept[state] & (link | link << 14) != 0 else { return nil }
    let start = dfa.step(UInt16(truncatingIfNeeded: state), 0)
    if let summary = known[start] { return summary }
    let summary = explore(start)
    known[start] = summary
    return summary
  }

  private mutating func explore(_ start: UInt16) -> Summary {
    /// A state, and whether the target read so far could end there (its last byte is no slash).
    struct Node: Hashable {
      var state: UInt16
      var isName: Bool
    }
    let slash = UInt8(ascii: "/")
    var found: Summary?
    let first = Node(state: dfa.step(start, slash), isName: false)
    var seen: Set<Node> = [first]
    var todo = [first]
    while let node = todo.popLast() {
      budget -= 1
      guard budget >= 0 else { return Summary(owner: .mixed, other: .mixed) }
      if node.isName {
        var merged = Summary(owner: kind(node.state, 0), other: kind(node.state, 14))
        if let found {
          if found.owner != merged.owner { merged.owner = .mixed }
          if found.other != merged.other { merged.other = .mixed }
        }
        found = merged
        if merged.owner == .mixed, merged.other == .mixed { return merged }
      }
      for byte in UInt8(1)...255 where node.isName || byte != slash {
        let next = Node(state: dfa.step(node.state, byte), isName: byte != slash)
        if seen.insert(next).inserted { todo.append(next) }
      }
    }
    // Every target has a first name, so something was found.
    return found ?? Summary(owner: .mixed, other: .mixed)
  }

  /// `link` in one half (0 or 14) of a pair's permissions.
  private func kind(_ state: UInt16, _ shift: UInt32) -> Kind {
    let link = UInt32(FileBits.link.rawValue)
    let audit = dfa.accept2[Int(state)] >> shift & link != 0
    let quiet = dfa.accept2[Int(state)] >> (shift + 7) & link != 0
    return dfa.accept[Int(state)] >> shift & link != 0 ? .allowed(isAudited: audit) : .refused(isQuiet: quiet)
  }
}

extension FilePermissions {
  /// With the `link` bits that the pairs decide.
  func folding(_ links: LinkSummaries.Summary?) -> FilePermissions {
    guard let links else { return self }
    var result = self
    result.owner.fold(links.owner)
    result.other.fold(links.other)
    return result
  }
}

extension FileVerdict {
  fileprivate mutating func fold(_ links: LinkSummaries.Kind) {
    // Without the name's own bit the kernel does not look at pairs.
    guard allow.contains(.link) else { return }
    allow.remove(.link)
    audit.remove(.link)
    quiet.remove(.link)
    switch links {
    case .allowed(let isAudited):
      allow.insert(.link)
      if isAudited { audit.insert(.link) }
    case .refused(let isQuiet):
      if isQuiet { quiet.insert(.link) }
    case .mixed:
      linksToSome = true
    }
  }
}
