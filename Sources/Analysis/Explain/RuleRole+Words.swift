import Diagnostics
package import IR

extension RuleRole {
  /// A short name for programs.
  package var name: String {
    switch self {
    case .decides: "decides"
    case .silent: "permittedByFlags"
    case .yields: "yieldsToSourcedAllow"
    case .overruled: "overruledByBlock"
    case .lessSevere: "lowerSeverity"
    case .later: "later"
    case .reported: "reportedByAudit"
    case .grantsNothing: "auditGrantsNothing"
    case .reportedByPosture: "reportedByPosture"
    }
  }

  /// Why the rule did or did not decide, safe to print: `overruled: shop.yaml:12 blocks`.
  package func words(of rule: Rule) -> String {
    func place(_ rule: Rule) -> String { DisplayText.safe(rule.origin.location.description) }
    switch self {
    case .decides: return "decides"
    case .silent:
      let flags = [rule.readOnly ? "readOnly" : nil, rule.ownerOnly ? "ownerOnly" : nil].compactMap { $0 }
      let names = flags.joined(separator: " and ")
      return rule.action == .allow
        ? "does not allow what \(names) leaves out" : "permitted by \(names): the rule is silent"
    case .yields(let other): return "yields: \(place(other)) names the source and allows"
    case .overruled(let other): return "overruled: \(place(other)) blocks"
    case .lessSevere(let other):
      return "says the same, but \(place(other)) has severity \(other.severity), this one \(rule.severity)"
    case .later(let other): return "says the same, but \(place(other)) is named first"
    case .reported(let other): return "allows; \(place(other)) has it reported"
    case .grantsNothing: return "an audit grants nothing"
    case .reportedByPosture: return "the posture reports it already"
    }
  }
}
