import Diagnostics
import IR

/// Words from fixed lists: protocols, capabilities, system calls.
extension ObjectReader {
  /// The capabilities that upstream's CRD does not know; a cluster refuses a policy that names them.
  private static let beyondCRD: Set<Capability> = [
    .syslog, .wake_alarm, .block_suspend, .audit_read, .perfmon, .bpf, .checkpoint_restore,
  ]

  func protocols(_ slot: Fields.Slot?) -> [NetworkProtocol] {
    pieces(slot) { piece, span in
      if let word = NetworkProtocol(rawValue: piece.lowercased()) { return word }
      unknown(.unknownProtocol, "protocol", piece, NetworkProtocol.allCases.map(\.rawValue), span)
      return nil
    }
  }

  func capabilities(_ slot: Fields.Slot?) -> [Capability] {
    pieces(slot) { piece, span in
      guard let capability = Capability(name: piece) else {
        unknown(.unknownCapability, "capability", piece, Capability.allCases.map(\.name), span)
        return nil
      }
      if piece != capability.name {
        findings.add(
          .capabilityPrefix,
          "capability \(quoted(piece)) is read as '\(capability.name)'",
          at: span,
          severity: .note,
          notes: ["KubeArmor's enforcers read other spellings as another capability, or not at all"],
          fixes: [FixIt("write '\(capability.name)'", span: span, replacement: capability.name, applicability: .safe)]
        )
      }
      if ObjectReader.beyondCRD.contains(capability) {
        findings.add(
          .capabilityPrefix,
          "capability '\(capability.name)' is not in KubeArmor's schema",
          at: span,
          severity: .warning,
          notes: ["a cluster refuses the policy; armorc compiles it"]
        )
      }
      return capability
    }
  }

  /// Known names, without repeats.
  func syscalls(_ slot: Fields.Slot?) -> [String] {
    guard let slot, !slot.value.isNull else { return [] }
    var result: [String] = []
    let names = located(slot) ?? []
    if names.isEmpty, slot.value.sequence?.isEmpty ?? false {
      findings.add(.emptyList, "'syscall' is an empty list", at: slot.value.span, caption: "expected a system call")
    }
    for (name, span) in names {
      if SystemCalls.names.contains(name) {
        if !result.contains(name) { result.append(name) }
      } else {
        unknown(.unknownSyscall, "system call", name, SystemCalls.all, span)
      }
    }
    return result
  }

  /// A comma list, each piece read alone (SEMANTICS §4: split in every element).
  private func pieces<Word: Equatable>(_ slot: Fields.Slot?, _ read: (String, Span) -> Word?) -> [Word] {
    guard let slot, let text = string(slot) else { return [] }
    var result: [Word] = []
    for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
      let bare = piece.trimmed
      guard !bare.isEmpty else {
        findings.add(
          .emptyValue,
          text.isEmpty ? "\(quoted(slot.key.name)) is empty" : "empty piece in \(quoted(text))",
          at: slot.value.span,
          caption: "expected a word between commas"
        )
        continue
      }
      let start = text.utf8.distance(from: text.utf8.startIndex, to: bare.startIndex)
      var span = place(start, in: text, slot.value.span)
      let end = span.start.addingReportingOverflow(SourceOffset(clamping: bare.utf8.count)).partialValue
      span = Span(file: span.file, start: span.start, end: min(slot.value.span.end, max(end, span.start)))
      if let word = read(String(bare), span), !result.contains(word) { result.append(word) }
    }
    return result
  }

  func unknown(_ code: FrontendCode, _ what: String, _ word: String, _ known: [String], _ span: Span) {
    let meant = Spelling.correction(of: word, among: known)
    let expected = known.count <= 14 ? ["expected \(alternatives(known))"] : []
    findings.add(
      code,
      "unknown \(what) \(quoted(word))",
      at: span,
      caption: meant.map { "did you mean '\($0)'?" } ?? "",
      notes: expected,
      fixes: meant.map { [FixIt("write '\($0)'", span: span, replacement: $0, applicability: .unsafe)] } ?? []
    )
  }
}

extension Substring {
  /// Without leading and trailing blanks.
  var trimmed: Substring {
    var text = self
    while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
    while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
    return text
  }
}
