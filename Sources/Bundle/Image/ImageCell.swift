import CArmor
package import IR

/// A cell of a map image: a verdict and who decided, in 16 bits.
package struct ImageCell: Hashable, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Allowed since nothing speaks of it.
  package static let free = ImageCell(rawValue: 0)

  /// `record` is below `ImageHeader.maximumRecords`.
  package init(_ verdict: Verdict, record: Int) {
    self.init(verdict, reason: Int(ARMOR_RECORD) + record)
  }

  /// Classes without a number in an image have no posture of their own.
  package init(_ verdict: Verdict, posture: ResourceClass) {
    self.init(verdict, reason: ImageCell.number(of: posture).map { Int(ARMOR_POSTURE) + $0 } ?? 0)
  }

  private init(_ verdict: Verdict, reason: Int) {
    rawValue = UInt16(truncatingIfNeeded: reason << 2) | UInt16(verdict.rawValue)
  }

  /// The classes in the order of `enum armor_class`.
  package static let classes: [ResourceClass] = [.process, .file, .network, .capabilities, .syscalls]

  package static func number(of resourceClass: ResourceClass) -> Int? { classes.firstIndex(of: resourceClass) }

  /// Who decided.
  package enum Reason: Hashable, Sendable {
    case nobody
    case posture(ResourceClass)
    /// Index into the records.
    case record(Int)
  }

  package var verdict: Verdict { Verdict(rawValue: UInt8(rawValue & 3)) ?? .block }

  package var reason: Reason {
    let code = Int(rawValue >> 2)
    if code >= Int(ARMOR_RECORD) { return .record(code - Int(ARMOR_RECORD)) }
    let number = code - Int(ARMOR_POSTURE)
    return ImageCell.classes.indices.contains(number) ? .posture(ImageCell.classes[number]) : .nobody
  }

  /// What keeps a number from being a cell of an image with so many records, or nil.
  static func defect(_ rawValue: UInt16, records: Int) -> String? {
    if rawValue & 3 == 3 { return "a verdict 3" }
    let code = Int(rawValue >> 2)
    if code == Int(ARMOR_NOBODY) { return rawValue == 0 ? nil : "a verdict by nobody" }
    if code >= Int(ARMOR_RECORD) {
      return code - Int(ARMOR_RECORD) < records ? nil : "record \(code - Int(ARMOR_RECORD)) of \(records)"
    }
    return code - Int(ARMOR_POSTURE) < classes.count ? nil : "the posture of class \(code - Int(ARMOR_POSTURE))"
  }
}

/// What an alert says of a rule. Rules that say the same share one.
package struct ImageRecord: Hashable, Sendable {
  package var kind: PolicyKind
  package var namespace: String
  package var name: String
  /// 0...10.
  package var severity: Int
  package var tags: [String]
  package var message: String
  package var action: Action
  package var resourceClass: ResourceClass

  package init(
    kind: PolicyKind,
    namespace: String,
    name: String,
    severity: Int,
    tags: [String],
    message: String,
    action: Action,
    resourceClass: ResourceClass
  ) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.severity = severity
    self.tags = tags
    self.message = message
    self.action = action
    self.resourceClass = resourceClass
  }

  package init(_ rule: Rule) {
    self.init(
      kind: rule.origin.policy.kind,
      namespace: rule.origin.policy.namespace,
      name: rule.origin.policy.name,
      severity: rule.severity,
      tags: rule.tags,
      message: rule.message,
      action: rule.action,
      resourceClass: rule.resourceClass
    )
  }

  package init(_ rule: PresetRule) {
    self.init(
      kind: rule.origin.policy.kind,
      namespace: rule.origin.policy.namespace,
      name: rule.origin.policy.name,
      severity: rule.severity,
      tags: rule.tags,
      message: rule.message,
      action: rule.action,
      resourceClass: .presets
    )
  }

  /// In the order of `enum armor_class`; the last is of records alone.
  static let classes = ImageCell.classes + [.presets]
  /// In the order of `enum armor_policy_kind`.
  static let kinds: [PolicyKind] = [.pod, .host, .cluster, .network, .base]
  /// In the order of `enum armor_verdict`.
  static let actions: [Action] = [.allow, .audit, .block]
}
