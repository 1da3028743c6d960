import IR

/// What one rule does at one site.
enum Contribution: UInt8, Hashable, Sendable { case allow, sourcedAllow, block, sourcedBlock, audit }

/// A rule at a site, in 32 bits.
struct SiteEntry: Hashable, Sendable {
  private let raw: UInt32
  /// `rule` indexes `SiteTable.rules` and is below 2^29.
  init(rule: Int, _ contribution: Contribution) {
    raw = UInt32(truncatingIfNeeded: rule) << 3 | UInt32(contribution.rawValue)
  }
  var rule: Int { Int(raw >> 3) }
  var contribution: Contribution { Contribution(rawValue: UInt8(raw & 7)) ?? .audit }
}

/// How many rules do what at a site: all that a verdict depends on (SEMANTICS §6).
struct Tally: Hashable, Sendable {
  private(set) var allow: Int32 = 0
  private(set) var sourcedAllow: Int32 = 0
  private(set) var block: Int32 = 0
  private(set) var sourcedBlock: Int32 = 0
  private(set) var audit: Int32 = 0

  mutating func add(_ contribution: Contribution, _ amount: Int32 = 1) {
    switch contribution {
    case .allow: allow += amount
    case .sourcedAllow: sourcedAllow += amount
    case .block: block += amount
    case .sourcedBlock: sourcedBlock += amount
    case .audit: audit += amount
    }
  }

  func removing(_ contribution: Contribution) -> Tally {
    var rest = self
    rest.add(contribution, -1)
    return rest
  }

  func count(_ contribution: Contribution) -> Int32 {
    switch contribution {
    case .allow: allow
    case .sourcedAllow: sourcedAllow
    case .block: block
    case .sourcedBlock: sourcedBlock
    case .audit: audit
    }
  }

  /// Whether a block without source yields to an `Allow` that names its source.
  var exemptsBlocks: Bool { sourcedAllow > 0 }
  var isBlockedByRule: Bool { sourcedBlock > 0 || (block > 0 && !exemptsBlocks) }

  /// Who decides: a kind of contribution, the posture, or nobody.
  func outcome(posture: Posture?) -> Outcome {
    if isBlockedByRule { return .blocked }
    if let posture, allow + sourcedAllow == 0 {
      switch posture {
      case .block: return .posture(.block)
      case .audit: return .posture(.audit)
      case .allow: break
      }
    }
    return audit > 0 ? .audited : .allowed
  }
}

enum Outcome: Hashable, Sendable {
  /// By a rule.
  case blocked
  /// By a rule.
  case audited
  case allowed
  case posture(Verdict)

  var verdict: Verdict {
    switch self {
    case .blocked: .block
    case .audited: .audit
    case .allowed: .allow
    case .posture(let verdict): verdict
    }
  }
}

/// Events that the same rules cover in the same way.
struct Site: Sendable {
  let resourceClass: ResourceClass
  /// Into `SiteTable.entries`; the rules of one site are distinct and ordered by rank, best first.
  let entries: Range<Int>
  let sample: Sample

  /// Enough to write down one of its events.
  struct Sample: Sendable {
    enum Object: Sendable {
      case path(PathOperation, PathClass, isOwner: Bool)
      case network(SocketCell)
      case capability(Capability)
      case syscall(String)
    }
    /// Paths that the same sets hold.
    enum PathClass: Sendable {
      /// Those of one set, by its index.
      case set(Int)
      /// Those with a label of one of the automata.
      case label(Int, of: Int)
      /// Those of no set.
      case rest
    }
    let object: Object
    let source: BytePath?
  }
}
