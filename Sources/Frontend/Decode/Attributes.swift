import Diagnostics
import IR

/// What a rule inherits (SEMANTICS §2): each attribute alone, the rule's, else its section's, else the policy's.
struct Attributes {
  var action: Action?
  var actionSpan: Span?
  /// The action in force could not be read: rules that inherit it are left out.
  var isActionBroken = false
  var severity = 0
  var tags: [String] = []
  var message = ""
}

extension ObjectReader {
  /// The attributes of a mapping on top of what it inherits.
  func attributes(_ fields: Fields, from outer: Attributes) -> Attributes {
    var result = outer
    if let slot = fields["action"], !slot.value.isNull {
      result.action = action(slot)
      result.actionSpan = slot.value.span
      result.isActionBroken = result.action == nil
    }
    if let severity = integer(fields["severity"], in: 1...10) { result.severity = severity }
    if let tags = strings(fields["tags"]), !tags.isEmpty { result.tags = tags }
    if let message = string(fields["message"]), !message.isEmpty { result.message = message }
    return result
  }

  /// `Allow`, `Audit` or `Block`, exactly.
  func action(_ slot: Fields.Slot) -> Action? {
    guard let text = string(slot) else { return nil }
    if let action = Action(rawValue: text) { return action }
    let meant =
      Action.allCases.first { $0.rawValue.lowercased() == text.lowercased() }
      ?? Spelling.correction(of: text, among: Action.allCases.map(\.rawValue)).flatMap(Action.init(rawValue:))
    findings.add(
      .badAction,
      "unknown action \(quoted(text))",
      at: slot.value.span,
      caption: meant.map { "did you mean '\($0.rawValue)'?" } ?? "expected 'Allow', 'Audit' or 'Block'",
      notes: [
        "expected 'Allow', 'Audit' or 'Block', written so; KubeArmor ignores a rule with any other action"
      ],
      fixes: meant.map {
        [FixIt("write '\($0.rawValue)'", span: slot.value.span, replacement: $0.rawValue, applicability: .unsafe)]
      } ?? []
    )
    return nil
  }
}
