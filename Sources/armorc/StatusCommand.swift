import ArgumentParser
import Diagnostics
import Glibc
import Runtime

/// `armorc status`: what is in force on this node.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what is in force on this node.",
    discussion: "Ends with 0 if something is loaded, 1 if nothing is, 3 if that cannot be seen."
  )

  @Flag(name: .long, help: "Write JSON.")
  var json = false

  @OptionGroup var node: NodeOptions

  func run() throws {
    var loaded: [NodeStatus] = []
    for enforcer in node.concerned {
      let status = try node.on(enforcer) { enforcer throws(NodeError) in try enforcer.status() }
      if let status, status.generation > 0 { loaded.append(status) }
    }
    let texts = loaded.isEmpty ? [StatusText.text(nil)] : loaded.map(StatusText.text)
    let also = loaded.dropFirst().map(\.enforcer)
    Terminal.print(
      json ? StatusText.json(loaded.first, also: also).text(indent: 2) : texts.joined(separator: "\n\n")
    )
    if loaded.isEmpty { throw ExitStatus.findings.code }
  }
}

/// A status for people and for programs.
enum StatusText {
  static func text(_ status: NodeStatus?) -> String {
    guard let status else { return "nothing is loaded" }
    var lines = ["generation \(status.generation) of \(status.enforcer)"]
    if let record = status.record {
      lines[0] += ", loaded \(time(record.time)) from \(DisplayText.safe(record.bundle))"
      lines.append("manifest SHA-256 \(record.manifest)")
    } else {
      lines.append("its files are gone: digests and what alerts say of rules are not known")
    }
    if let previous = status.previous { lines.append("generation \(previous) can be returned to") }
    if let next = status.next {
      lines.append("generation \(next) stands by: it was rolled back, or its load was cut short")
    }
    if let waiting = status.confirmation {
      lines.append("waits to be confirmed for \(Plural.of(max(0, waiting.secondsLeft), "second"))")
    }
    if status.isAsked == false {
      let module = status.enforcer == "apparmor" ? "AppArmor" : "BPF programs"
      lines.append("NOT ENFORCED: the kernel does not ask \(module) (see 'armorc probe')")
    }
    if status.enforcer == "apparmor" { return (lines + profiles(status)).joined(separator: "\n") }
    if status.programs.isEmpty { lines.append("NOT ENFORCED: no program is attached") }
    lines.append("")
    var table = TextTable([
      "domain", "processes", "threads", "allowed", "audited", "blocked", "undecided", "lost", "image",
    ])
    for domain in status.domains {
      func count(_ name: String) -> String { domain.counters.map { String($0[name]) } ?? "·" }
      table.add([
        DisplayText.safe(domain.name), String(domain.processes), String(domain.threads), count("allowed"),
        count("audited"), count("blocked"), count("undecided"), count("lost"),
        domain.tier == nil ? "no policy" : domain.digest.map { String($0.prefix(12)) } ?? "·",
      ])
    }
    lines.append(table.isEmpty ? "no domains" : table.text)
    return lines.joined(separator: "\n")
  }

  private static func profiles(_ status: NodeStatus) -> [String] {
    var lines: [String] = []
    let missing = status.profiles.filter { $0.mode == nil }.count
    if missing > 0 { lines.append("NOT ENFORCED: the kernel lacks \(Plural.of(missing, "profile"))") }
    let others = status.profiles.filter { $0.mode != nil && $0.isOurs == false }.count
    if others > 0 { lines.append("CHANGED: \(Plural.of(others, "profile")) loaded by somebody else since") }
    lines.append("")
    var domains = TextTable(["domain", "processes", "threads", "profile text"])
    for domain in status.domains {
      let digest = domain.digest.map { String($0.prefix(12)) } ?? "·"
      domains.add([DisplayText.safe(domain.name), String(domain.processes), String(domain.threads), digest])
    }
    var table = TextTable(["profile", "mode", "in the kernel"])
    for profile in status.profiles {
      let isAnothers = profile.mode != nil && profile.isOurs == false
      let digest = profile.digest.map { String($0.prefix(12)) } ?? "·"
      table.add([DisplayText.safe(profile.name), profile.mode ?? "missing", isAnothers ? "another's" : digest])
    }
    return lines + (domains.isEmpty ? ["no domains"] : [domains.text, "", table.text])
  }

  /// `also`: further enforcers that have something loaded.
  static func json(_ status: NodeStatus?, also: [String] = []) -> JSONValue {
    guard let status else {
      return .object([("format", .string("armorc-status")), ("version", .integer(1)), ("loaded", .bool(false))])
    }
    func number(_ value: UInt32?) -> JSONValue { value.map { .integer(Int($0)) } ?? .null }
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    return .object([
      ("format", .string("armorc-status")),
      ("version", .integer(1)),
      ("loaded", .bool(true)),
      ("enforcer", .string(status.enforcer)),
      ("alsoLoaded", .array(also.map { .string($0) })),
      ("generation", number(status.generation)),
      ("previous", number(status.previous)),
      ("rolledBack", number(status.next)),
      ("bank", number(status.bank)),
      ("loadedAt", text(status.record.map { time($0.time) })),
      ("bundle", text(status.record?.bundle)),
      ("manifestSHA256", text(status.record?.manifest)),
      ("asked", status.isAsked.map { .bool($0) } ?? .null),
      ("unconfirmedSeconds", status.confirmation.map { .integer(max(0, $0.secondsLeft)) } ?? .null),
      ("programs", .array(status.programs.map { .string($0) })),
      (
        "profiles",
        .array(
          status.profiles.map { profile in
            .object([
              ("name", .string(profile.name)),
              ("subject", .string(profile.subject)),
              ("mode", text(profile.mode)),
              ("digest", text(profile.digest)),
              ("ours", profile.isOurs.map { .bool($0) } ?? .null),
            ])
          }
        )
      ),
      (
        "domains",
        .array(
          status.domains.map { domain in
            .object([
              ("name", .string(domain.name)),
              ("id", number(domain.id)),
              ("tier", domain.tier.map { .integer($0) } ?? .null),
              ("imageSHA256", text(domain.digest)),
              ("meaningSHA256", text(domain.meaning)),
              ("processes", .integer(domain.processes)),
              ("threads", .integer(domain.threads)),
              ("cgroups", .integer(domain.cgroups)),
              (
                "counters",
                domain.counters.map { counters in
                  .object(DomainCounters.names.map { ($0, .integer(Int(clamping: counters[$0]))) })
                } ?? .null
              ),
            ])
          }
        )
      ),
    ])
  }

  /// `2026-01-31T12:00:00Z`, by the civil calendar: years that begin in March, in eras of 400.
  static func time(_ seconds: Int) -> String {
    guard (0..<(1 << 40)).contains(seconds) else { return "at an unknown time" }
    let day = seconds / 86400 + 719_468
    let dayOfEra = day % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + day / 146_097 * 400 + (month <= 2 ? 1 : 0)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = seconds % 86400
    return "\(year)-\(two(month))-\(two(dayOfYear - (153 * shifted + 2) / 5 + 1))"
      + "T\(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60))Z"
  }
}
