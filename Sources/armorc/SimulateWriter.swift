import Analysis
import Diagnostics
import IR

/// Writes replayed lines and their totals, as text for people or as JSON lines.
struct SimulateWriter: Sendable {
  let isJSON: Bool
  let isSummary: Bool
  /// Only what changes is written line by line.
  let isComparison: Bool
  let showsUnparsed: Bool
  let isColoured: Bool

  /// One line of the stream; `file` is its name where there are several.
  func write(_ number: Int, _ line: Replay.Line, file: String?, into out: inout [UInt8]) {
    switch line {
    case .companion: return
    case .unparsed(let why):
      guard showsUnparsed || !(isSummary || isComparison) else { return }
      isJSON ? SimulateJSON.unparsed(number, why, file, &out) : SimulateText.unparsed(number, why, file, &out)
    case .noAccess(let why):
      guard !isSummary, !isComparison else { return }
      isJSON ? SimulateJSON.noAccess(number, why, file, &out) : SimulateText.noAccess(number, why, file, &out)
    case .judged(let record, let now, let before):
      guard !isSummary else { return }
      let change = before.flatMap { VerdictChange($0, now) }
      if isComparison, change == nil { return }
      let old = change == nil ? nil : before
      if isJSON {
        SimulateJSON.event(number, record, now, old, file, &out)
      } else {
        SimulateText.event(number, record, now, old, file, isColoured: isColoured, &out)
      }
    }
  }

  /// The totals, after the last line.
  func finish(_ tally: ReplayTally) {
    if isJSON {
      Terminal.print(SimulateJSON.totals(tally, isComparison: isComparison).text())
    } else if isSummary || isComparison {
      Terminal.print(SimulateText.totals(tally, isComparison: isComparison, isFull: isSummary))
    } else if tally.lines > 0 {
      // With the events themselves already there: one line, beside them.
      Terminal.error(SimulateText.heading(tally))
    }
  }
}

/// Who decided, in words.
enum SimulateWords {
  static func decision(_ ruling: Replay.Ruling) -> String {
    guard let decision = ruling.decision else { return "" }
    var text = decider(decision.decider)
    if case .decided(let verdict, let set) = ruling.judgement, set.hasSeveralDeciders(verdict) {
      text += ", or another rule"
    }
    return text
  }

  static func decider(_ decider: Decider) -> String {
    switch decider {
    case .nothing: "no rule"
    case .rule(let origin): "\(origin.policy) \(origin.path) (\(origin.location))"
    case .posture(let resourceClass): "default posture of \(resourceClass.rawValue)"
    }
  }

  /// The verdict, or what there is instead.
  static func verdict(_ ruling: Replay.Ruling) -> String { ruling.judgement.verdict?.name ?? "?" }

  /// Verdict and why: "allow by shop/web …".
  static func full(_ ruling: Replay.Ruling, _ event: PartialEvent) -> String {
    switch ruling.judgement {
    case .free: return "no policy applies"
    case .decided: return decision(ruling)
    case .dependsOnOwner(let owner, let other):
      return "\(owner.verdict?.name ?? "?") as owner, \(other.verdict?.name ?? "?") as other"
    case .undetermined(let set):
      return set.verdicts.map(\.name).joined(separator: " or ") + ": "
        + ruling.reasons(event, details: true).joined(separator: "; ")
    case .unclear(let why): return why
    }
  }

  static func outcome(_ outcome: ReplayTally.Outcome) -> String {
    switch outcome {
    case .block: "block"
    case .audit: "audit"
    case .allow: "allow"
    case .free: "allow (no policy applies)"
    case .open: "undetermined"
    }
  }
}
