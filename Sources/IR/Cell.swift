/// One entry of a decision table: a verdict and who decided it, in 32 bits.
package struct Cell: Hashable, Sendable {
  /// Bits 0–1 the verdict; above them 0 for nobody, 1 + class for a posture, `firstRule` + index for a rule.
  package let rawValue: UInt32

  private static let firstRule: UInt32 = 16

  package static let free = Cell(verdict: .allow, code: 0)

  private init(verdict: Verdict, code: UInt32) { rawValue = code << 2 | UInt32(verdict.rawValue) }

  /// `rule` is an index into the table's `rules`, below 2^29.
  init(_ verdict: Verdict, rule: Int) { self.init(verdict: verdict, code: Cell.firstRule + UInt32(rule)) }

  init(_ verdict: Verdict, posture: ResourceClass) {
    self.init(verdict: verdict, code: 1 + UInt32(ResourceClass.allCases.firstIndex(of: posture) ?? 0))
  }

  package var verdict: Verdict { Verdict(rawValue: UInt8(rawValue & 3)) ?? .block }

  /// Index into the table's `rules`, if a rule decided.
  package var rule: Int? {
    let code = rawValue >> 2
    return code >= Cell.firstRule ? Int(code - Cell.firstRule) : nil
  }

  /// The class whose posture decided, if one did.
  package var posture: ResourceClass? {
    let code = rawValue >> 2
    return code >= 1 && code < Cell.firstRule ? ResourceClass.allCases[Int(code) - 1] : nil
  }

  /// The cell in words of the rules that its table knows.
  func decision(by rules: [Rule]) -> Decision {
    if let rule { return Decision(verdict, by: .rule(rules[rule].origin)) }
    if let posture { return Decision(verdict, by: .posture(posture)) }
    return Decision(verdict, by: .nothing)
  }
}
