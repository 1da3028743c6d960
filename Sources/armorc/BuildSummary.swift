import Backends
import IR

/// What a build made, for people.
struct BuildSummary {
  /// Subjects listed one by one; beyond, only totals.
  private static let listed = 40

  let text: String

  init(_ result: BuildRun.Result, output: String, bytes: Int) {
    // One enforcer needs no column of its own.
    let several = result.enforcers.count > 1
    let hasProfiles = result.enforcers.contains(.apparmor)
    var table = TextTable(
      ["subject"] + (several ? ["enforcer"] : []) + ["rules", "exact", "stricter", "looser", "left out"]
        + (hasProfiles ? ["profiles"] : []) + ["size"]
    )
    var totals: [Enforcer: [ExactnessLabel: Int]] = [:]
    var rules = 0
    var profiles = 0
    for build in result.subjects {
      rules += build.ruleCount
      for part in build.artifacts {
        let counts = part.labels
        profiles += part.profileCount
        totals[part.enforcer, default: [:]].merge(counts, uniquingKeysWith: +)
        guard result.subjects.count <= BuildSummary.listed else { continue }
        table.add(
          [build.name] + (several ? [part.enforcer.rawValue] : []) + [
            "\(build.ruleCount)", BuildSummary.count(counts[.exact]),
            BuildSummary.count(counts[.stricter]), BuildSummary.count(counts[.looser]),
            BuildSummary.count(counts[.unsupported]),
          ]
            + (hasProfiles ? [part.enforcer == .apparmor ? "\(part.profileCount)" : "·"] : [])
            + [ByteCount.text(part.bytes.count)]
        )
      }
    }
    var lines = result.subjects.count <= BuildSummary.listed ? [table.text] : []
    let refused = result.refused == 0 ? "" : "; \(result.refused) refused"
    let counted = "\(Plural.of(result.subjects.count, "subject")), \(Plural.of(rules, "rule"))"
    let labels = result.enforcers.map { enforcer in
      ExactnessLabel.allCases.compactMap { label in
        totals[enforcer]?[label].map { "\($0) \(label == .unsupported ? "left out" : label.rawValue)" }
      }.joined(separator: ", ")
    }
    if several {
      lines.append(counted + refused)
      for (enforcer, words) in zip(result.enforcers, labels) where !words.isEmpty {
        lines.append("\(enforcer.rawValue): \(words)")
      }
    } else {
      lines.append(counted + (labels.first.map { $0.isEmpty ? "" : ": " + $0 } ?? "") + refused)
    }
    if hasProfiles {
      let checked =
        result.parser.map { "checked by apparmor_parser \($0)" } ?? "not checked (\(result.unchecked ?? "no parser"))"
      lines.append("\(Plural.of(profiles, "profile")) \(checked)")
    }
    lines.append("wrote \(output) (\(ByteCount.text(bytes)))")
    text = lines.joined(separator: "\n")
  }

  private static func count(_ number: Int?) -> String { number.map(String.init) ?? "·" }
}

/// Columns of text, the first left-aligned, the others right-aligned.
struct TextTable {
  private var rows: [[String]]

  init(_ header: [String]) { rows = [header] }

  mutating func add(_ row: [String]) { rows.append(row) }

  var isEmpty: Bool { rows.count == 1 }

  var text: String {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let pad = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + pad : pad + cell
      }
      return "  " + cells.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

/// A number of bytes, for people.
enum ByteCount {
  static func text(_ bytes: Int) -> String {
    if bytes < 1000 { return "\(bytes) B" }
    let (value, unit) = bytes < 1_000_000 ? (bytes, "kB") : (bytes / 1000, "MB")
    return "\(value / 1000).\(value % 1000 / 100) \(unit)"
  }
}

/// "1 file", "2 files".
enum Plural {
  static func of(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
