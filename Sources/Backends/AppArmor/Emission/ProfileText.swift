package import IR

/// The text of a set of profiles.
package struct ProfileText: Sendable {
  package let bytes: [UInt8]
  /// 1-based line to the rules that it comes from; lines of no rule are missing.
  package let origins: [Int: [Origin]]

  /// Without `withNative`, `spec.apparmor` is left out.
  package init(_ set: ProfileSet, header: [String], withNative: Bool = true) {
    var writer = ProfileWriter()
    for line in header { writer.comment(line, indent: 0) }
    for profile in set.profiles {
      writer.line("")
      writer.profile(profile, withNative: withNative)
    }
    bytes = writer.bytes
    origins = writer.origins
  }
}

private struct ProfileWriter {
  private(set) var bytes: [UInt8] = []
  private(set) var origins: [Int: [Origin]] = [:]
  private var lineNumber = 1

  mutating func line(_ text: [UInt8], origins: [Origin] = []) {
    if !origins.isEmpty { self.origins[lineNumber] = origins }
    bytes += text
    bytes.append(UInt8(ascii: "\n"))
    lineNumber += 1
  }

  mutating func line(_ text: String) { line(Array(text.utf8)) }

  /// One line, whatever the text holds. A word in front keeps the parser from reading `#include`.
  mutating func comment(_ text: String, indent: Int = 2) {
    var safe = [UInt8](repeating: UInt8(ascii: " "), count: indent) + Array("# ".utf8)
    if text.hasPrefix("include") { safe += Array(". ".utf8) }
    for byte in text.utf8 {
      if 0x20...0x7E ~= byte {
        safe.append(byte)
      } else {
        safe += [UInt8(ascii: "\\"), 48 + (byte >> 6), 48 + (byte >> 3 & 7), 48 + (byte & 7)]
      }
    }
    if safe.last == UInt8(ascii: "\\") { safe.append(UInt8(ascii: ".")) }
    line(safe)
  }

  mutating func profile(_ profile: Profile, withNative: Bool) {
    for path in profile.sources.prefix(20) { comment("for \(path)", indent: 0) }
    if profile.sources.count > 20 { comment("and \(profile.sources.count - 20) more", indent: 0) }
    var head = Array("profile \(profile.name) ".utf8)
    if let attachment = profile.attachment { head += quoted(attachment.text) + [UInt8(ascii: " ")] }
    line(head + Array("flags=(attach_disconnected,mediate_deleted) {".utf8))
    for section in ProfileRule.Section.allCases {
      let rules = profile.rules.filter { $0.section == section }
      if rules.isEmpty { continue }
      comment("-- \(section.title) --")
      var previous = ""
      for rule in rules {
        let comment = describe(rule)
        if comment != previous, !comment.isEmpty { self.comment(comment) }
        previous = comment
        line(Array("  ".utf8) + text(rule), origins: rule.origins)
      }
    }
    if withNative {
      for native in profile.native {
        comment("-- spec.apparmor of \(native.policy) (\(native.text.location)), verbatim --")
        for text in native.text.text.split(separator: "\n", omittingEmptySubsequences: false) {
          line(String(text))
        }
        comment("-- end of spec.apparmor --")
      }
    }
    line("}")
  }

  /// `default/no-shadow (policy.yaml:12) Block file /etc/shadow`.
  private func describe(_ rule: ProfileRule) -> String {
    var names = rule.origins.prefix(3).map { "\($0.policy) (\($0.location))" }.joined(separator: ", ")
    if rule.origins.count > 3 { names += " and \(rule.origins.count - 3) more" }
    return [names, rule.comment].filter { !$0.isEmpty }.joined(separator: " ")
  }

  private func quoted(_ text: [UInt8]) -> [UInt8] { [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")] }

  private func text(_ rule: ProfileRule) -> [UInt8] {
    let qualifier =
      switch rule.qualifier {
      case .allow: ""
      case .audit: "audit "
      case .auditDeny: "audit deny "
      }
    switch rule.body {
    case .words(let words): return Array((qualifier + words + ",").utf8)
    case .capability(let capability):
      return Array((qualifier + "capability" + (capability.map { " " + $0.name } ?? "") + ",").utf8)
    case .network(let family, let type):
      let words = SocketWords.text(family: family, type: type)
      return Array((qualifier + "network" + (words.isEmpty ? "" : " " + words) + ",").utf8)
    case .file(let file):
      let owner =
        switch file.owner {
        case .any: ""
        case .owner: "owner "
        case .other: "other "
        }
      return Array((qualifier + owner).utf8) + quoted(file.pattern.text)
        + Array((" " + access(file, isDeny: rule.qualifier.isDeny) + ",").utf8)
    }
  }

  private func access(_ file: FileRule, isDeny: Bool) -> String {
    let letters: [(FileBits, Character)] = [(.read, "r"), (.write, "w"), (.link, "l"), (.lock, "k"), (.map, "m")]
    var text = ""
    for (bit, letter) in letters where file.bits.contains(bit) { text.append(letter) }
    guard let exec = file.exec else { return text }
    if isDeny { return text + "x" }
    switch exec {
    case .inherit: return text + "ix"
    case .replace(let names): return text + "px -> " + names.joined(separator: "//&")
    case .stack(let names): return text + "pix -> &" + names.joined(separator: "//&")
    case .foreign(let words): return text + words
    }
  }
}

extension ProfileRule.Section {
  fileprivate var title: String {
    switch self {
    case .processes: "programs"
    case .files: "files"
    case .network: "network"
    case .capabilities: "capabilities"
    case .mediation: "other classes"
    case .floor: "floor: what container runtimes protect"
    }
  }
}
