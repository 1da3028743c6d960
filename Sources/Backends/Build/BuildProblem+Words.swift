import Automata
package import IR

extension BuildProblem {
  /// What is wrong, one line, lower case, no final period.
  package var message: String {
    switch self {
    case .table(let error):
      "the policies need more than \(error.limit) \(error.quantity.rawValue)"
    case .emission(.tooManySources(let groups, let limit, _)):
      "\(groups) groups of sources have rules of their own; an AppArmor profile can name \(limit)"
    case .emission(.states(let profile, let limit, _)):
      "profile '\(profile)' needs more than \(limit) states; AppArmor kernels take 65535"
    case .emission(.patternTooLong(let length, let limit, _)):
      "a pattern takes \(length) bytes of profile text; apparmor_parser reads \(limit)"
    case .emission(.native(let defect, let policy, _)):
      "'spec.apparmor' of '\(policy)' holds \(defect.rawValue): it would reach outside the profile it is put into"
    case .emission(.conflictingTransitions(let profile, _)):
      "two exec rules of profile '\(profile)' lead to different places"
    case .comparison(.unknownProfile(let name, let from)):
      "a transition in '\(from)' leads to '\(name)', which is not there"
    case .comparison(.foreignTransition(let what, let profile)):
      "profile '\(profile)' holds a transition that armorc never writes: \(what)"
    case .comparison(.tooManyLabels(let count)):
      "a process can get into more than \(count - 1) labels"
    case .comparison(.budget(let error)):
      "comparing profiles and policy needs more than \(error.limit) automaton states"
    case .image(let problem): problem.message
    }
  }

  /// What to do about it.
  package var advice: String {
    switch self {
    case .table: "split the subject, or replace patterns of many '**' and '?' by directories"
    case .emission(.tooManySources): "give several sources the same rules, or drop rules that name sources"
    case .emission(.states): "replace long lists of paths by directories or patterns"
    case .emission(.patternTooLong): "split the pattern"
    case .emission(.native): "balance braces and quotes within 'spec.apparmor'"
    case .emission(.conflictingTransitions): "leave one of the rules out"
    case .comparison: "this is a defect of armorc; please report it with the policy"
    case .image(let problem): problem.advice
    }
  }

  /// The rules at fault, worst first; may be empty.
  package var rules: [Origin] {
    switch self {
    case .table(let error): error.rules
    case .emission(.tooManySources(_, _, let rules)), .emission(.states(_, _, let rules)),
      .emission(.patternTooLong(_, _, let rules)), .emission(.conflictingTransitions(_, let rules)):
      rules
    case .emission(.native(_, let policy, let location)):
      [Origin(policy: policy, position: 0, path: "spec.apparmor", location: location)]
    case .comparison: []
    case .image(let problem): problem.rules
    }
  }
}
