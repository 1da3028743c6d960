import Bundle
package import IR

/// Why a subject has no map image.
package enum ImageProblem: Error, Hashable, Sendable {
  package enum Quantity: String, Hashable, Sendable {
    case records = "different policies, severities, tags and messages"
    case sources = "groups of sources with verdicts of their own"
    case rows = "different combinations of verdicts"
    case labels = "classes of paths"
  }
  /// More than an image can number.
  case limit(Quantity, Int, Int, [Origin])
  /// More bytes than the largest map value.
  case tooLarge(bytes: Int, limit: Int, [Origin])
  /// More automaton states than the largest map value has room for.
  case states(Int, limit: Int, [Origin])
  case table(TableBudgetError)

  /// The rules whose objects take most states, at most 8.
  static func largest(_ rules: [Rule]) -> [Origin] {
    func size(_ rule: Rule) -> Int {
      switch rule.target {
      case .process(let set), .file(let set): set.size
      case .syscall(_, let set): set?.size ?? 0
      case .network, .capability: 0
      }
    }
    return first(rules.sorted { (size($1), $0.origin) < (size($0), $1.origin) })
  }

  /// The rules with most sources, at most 8.
  static func sourced(_ rules: [Rule]) -> [Origin] {
    first(rules.sorted { ($1.sources.count, $0.origin) < ($0.sources.count, $1.origin) })
  }

  /// The rules of the policies with most records, at most 8.
  static func scattered(_ rules: [Rule]) -> [Origin] {
    var records: [PolicyID: Set<ImageRecord>] = [:]
    for rule in rules { records[rule.origin.policy, default: []].insert(ImageRecord(rule)) }
    func count(_ rule: Rule) -> Int { records[rule.origin.policy]?.count ?? 0 }
    return first(rules.sorted { (count($1), $0.origin) < (count($0), $1.origin) })
  }

  private static func first(_ rules: [Rule]) -> [Origin] {
    Array(rules.lazy.filter { $0.origin.policy.kind != .base }.prefix(8).map(\.origin))
  }
}

extension ImageProblem {
  /// What is wrong, one line, lower case, no final period.
  var message: String {
    switch self {
    case .limit(let quantity, let count, let limit, _):
      "\(count) \(quantity.rawValue); a map image can number \(limit)"
    case .tooLarge(let bytes, let limit, _):
      "the map image takes \(bytes) bytes; the largest map value has \(limit)"
    case .states(let states, let limit, _):
      "the automata of the map image have \(states) states; the largest map value has room for \(limit) slots"
    case .table(let error): "the policies need more than \(error.limit) \(error.quantity.rawValue)"
    }
  }

  var advice: String {
    switch self {
    case .limit(.records, _, _, _): "give rules the same severity, tags and message"
    case .limit(.sources, _, _, _): "give several sources the same rules, or drop rules that name sources"
    case .limit, .tooLarge, .states, .table: "replace long lists of paths by directories, or split the subject"
    }
  }

  var rules: [Origin] {
    switch self {
    case .limit(_, _, _, let rules), .tooLarge(_, _, let rules), .states(_, _, let rules): rules
    case .table(let error): error.rules
    }
  }
}
