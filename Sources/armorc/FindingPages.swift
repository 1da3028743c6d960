import Analysis
import Diagnostics
import Frontend

/// The pages of all findings: semantic rules bring their own; those of the front end and of `build` are made here.
enum FindingPages {
  static let all = RulePages(Lint.pages + frontend + build + TestCode.allCases.map(\.page))

  private static let warnings: Set<FrontendCode> = [
    .sourceRequired, .clusterScoped, .containerName, .duplicatePolicy, .badManifest, .duplicateTest,
  ]
  private static let notes: Set<FrontendCode> = [.otherKind, .capabilityPrefix]

  private static var frontend: [RulePage] {
    FrontendCode.allCases.map { code in
      let severity: Severity = notes.contains(code) ? .note : warnings.contains(code) ? .warning : .error
      return RulePage(
        id: code.rawValue,
        name: "\(code)",
        severity: severity,
        summary: code.title,
        why: why(code, severity),
        bad: [],
        good: [],
        fix: "The finding itself says what was expected at its place and, where there is one, the edit that mends it."
      )
    }
  }

  private static func why(_ code: FrontendCode, _ severity: Severity) -> String {
    switch code.rawValue.prefix(5) {
    case "ARM10":
      "The text cannot be read as what its author meant. Depending on the reader the file is refused as a whole, or values "
        + "are silently dropped. Limits keep hostile input from costing more than it is worth; each is far above what "
        + "real policies need."
    case "ARM11" where severity == .error:
      "The object does not fit its schema. The Kubernetes API server refuses such an object or prunes what it does not "
        + "know, and outside Kubernetes it is ignored in silence: what is written is not enforced. armorc builds nothing "
        + "from a policy with such an error."
    case "ARM12":
      "Manifests beside the policies tell which workloads and nodes there are and which postures are in force. What cannot "
        + "be used there changes what the policies are compiled for."
    case "ARM40" where severity == .error:
      "A test that cannot be read shows nothing. No test of a file with such an error is run, so that a slip never looks like "
        + "a pass."
    default: "It is accepted, but probably not what its author had in mind."
    }
  }

  private static var build: [RulePage] {
    func page(_ code: BuildCode, _ severity: Severity, _ summary: String, _ why: String, _ fix: String) -> RulePage {
      RulePage(
        id: code.rawValue,
        name: "\(code)",
        severity: severity,
        summary: summary,
        why: why,
        bad: [],
        good: [],
        fix: fix
      )
    }
    return [
      page(
        .stricter,
        .warning,
        "on AppArmor the rule blocks or reports more than is written",
        "AppArmor cannot express the rule exactly, and what `build` writes errs on the safe side. The witness is an event "
          + "that the policy lets through, or lets through unreported, and the profile does not.",
        "Write the rule in terms that AppArmor has (directories, literals, socket types instead of protocols), or accept it: "
          + "`--inexact stricter=allow` keeps quiet about it, `--inexact stricter=error` refuses it."
      ),
      page(
        .looser,
        .error,
        "on an enforcer the rule lets through or misses something",
        "AppArmor cannot express the rule exactly, and every profile that comes near it would let the witness event through; or "
          + "the rule is about the path argument of a system call, which the BPF matcher sees as it is passed: a relative "
          + "path is not resolved. Nothing is weakened silently, so `build` refuses the subject.",
        "Rewrite the rule, or accept the witness: `--inexact looser=warn`."
      ),
      page(
        .unsupported,
        .error,
        "an enforcer has no notion of what the rule asks for",
        "AppArmor mediates no system calls and has no presets, and neither it nor the BPF matcher looks at arguments of "
          + "programs or at terminals. `spec.apparmor` means nothing to the BPF matcher, and the preset `exec` to neither. "
          + "The rule would be left out.",
        "Enforce it elsewhere and accept that this artifact leaves it out: `--inexact unsupported=warn`."
      ),
      page(
        .notCompiled,
        .error,
        "a part of the policy has no compiled form",
        "DNS queries, devices and network policies are understood and checked, but they are no matter of the hooks that "
          + "armorc's enforcers have.",
        "Accept that it is left out: `--inexact unsupported=warn`."
      ),
      page(
        .refused,
        .error,
        "no artifact can be written for the subject",
        "A limit of the enforcer or of armorc would be exceeded: of AppArmor 65,535 automaton states, 12 exec targets of one "
          + "profile, 16,000 bytes of one pattern; of a map image 16 MiB, 16,368 different records, 4,096 classes of "
          + "sources. The rules that cost most are named.",
        "Follow the advice of the finding: fewer patterns with several `**` and `?`, directories instead of long lists of "
          + "paths, equal rules for several sources."
      ),
      page(
        .rejected,
        .error,
        "apparmor_parser does not take the profile",
        "Every profile that `build` writes goes through the real parser. What it refuses is usually native text of "
          + "`spec.apparmor`; otherwise it is a defect of armorc.",
        "Mend `spec.apparmor`, or report the defect together with the policy."
      ),
    ]
  }
}
