import ArgumentParser
import Diagnostics
import Runtime

/// `armorc probe`: what this node has, and what that could do with a bundle.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Show which enforcers this node has, and what each could do with a bundle.",
    discussion: """
      Changes nothing and needs no privileges; says what it could not see. Ends with 0 if an enforcer works here, 1 if \
      none does, 3 if the bundle cannot be read.
      """
  )

  @Argument(help: ArgumentHelp("A directory that 'armorc build' wrote.", valueName: "dir"))
  var bundle: String?

  @Flag(name: .long, help: "Write JSON.")
  var json = false

  @OptionGroup var node: NodeOptions

  func run() throws {
    let probe = NodeProbe(node.all)
    let prospects: BundleProspects?
    do throws(NodeError) {
      prospects =
        if let bundle {
          try BundleProspects(directory: bundle, enforcers: probe.enforcers.map(\.name))
        } else { nil }
    } catch {
      throw Failure("\(error)")
    }
    Terminal.print(json ? Self.json(probe, prospects).text(indent: 2) : Self.text(probe, prospects))
    if !probe.enforcers.contains(where: \.isUsable) { throw ExitStatus.findings.code }
  }

  static func text(_ probe: NodeProbe, _ prospects: BundleProspects?) -> String {
    var lines = ["kernel   \(probe.kernel.release)"]
    lines.append("modules  \(probe.security.modules?.joined(separator: ",") ?? "not to be seen (securityfs is not mounted)")")
    lines.append("types    \(probe.hasTypes ? "there (BTF)" : "none (no BTF)")")
    lines.append("missing  \(probe.missing.isEmpty ? "no privileges" : probe.missing.joined(separator: ", "))")
    for enforcer in probe.enforcers {
      let verdict = enforcer.isUsable ? "works here" : enforcer.obstacles.isEmpty ? "may work here" : "does not work here"
      lines += ["", "\(enforcer.name): \(verdict)" + (enforcer.facts.isEmpty ? "" : " (\(enforcer.facts.joined(separator: ", ")))")]
      lines += enforcer.obstacles.map { "  - \($0)" }
      lines += enforcer.unseen.map { "  ? \($0)" }
    }
    if let prospects {
      let names = probe.enforcers.map(\.name)
      var table = TextTable(["subject"] + names)
      for subject in prospects.subjects {
        table.add([DisplayText.safe(subject.name)] + names.map { Self.words(subject.labels[$0] ?? nil) })
      }
      lines += ["", table.isEmpty ? "the bundle has no subjects" : table.text]
    }
    return lines.joined(separator: "\n")
  }

  private static func words(_ counts: [String: Int]?) -> String {
    guard let counts else { return "not built" }
    let parts = BundleProspects.labels.compactMap { label in counts[label].map { "\($0) \(label)" } }
    return parts.isEmpty ? "no rules" : parts.joined(separator: ", ")
  }

  static func json(_ probe: NodeProbe, _ prospects: BundleProspects?) -> JSONValue {
    func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
    var members: [(String, JSONValue)] = [
      ("format", .string("armorc-probe")),
      ("version", .integer(1)),
      ("kernel", .string(probe.kernel.release)),
      ("modules", probe.security.modules.map(list) ?? .null),
      ("btf", .bool(probe.hasTypes)),
      ("missingCapabilities", list(probe.missing)),
      (
        "enforcers",
        .array(
          probe.enforcers.map { enforcer in
            .object([
              ("name", .string(enforcer.name)),
              ("works", .bool(enforcer.isUsable)),
              ("facts", list(enforcer.facts)),
              ("obstacles", list(enforcer.obstacles)),
              ("unseen", list(enforcer.unseen)),
            ])
          }
        )
      ),
    ]
    if let prospects {
      let subjects = prospects.subjects.map { subject -> JSONValue in
        let rules = probe.enforcers.map { enforcer -> (String, JSONValue) in
          guard let counts = subject.labels[enforcer.name] ?? nil else { return (enforcer.name, .null) }
          return (enforcer.name, .object(BundleProspects.labels.map { ($0, .integer(counts[$0] ?? 0)) }))
        }
        return .object([("name", .string(subject.name)), ("rules", .object(rules))])
      }
      members.append(("subjects", .array(subjects)))
    }
    return .object(members)
  }
}
