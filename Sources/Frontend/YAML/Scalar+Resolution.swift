/// The type that a plain scalar has for the Kubernetes API server.
package enum ResolvedScalar: Sendable, Hashable {
  case null
  case boolean(Bool)
  /// Nil when it does not fit 64 bits.
  case integer(Int?)
  case number
  case string
}

extension Scalar {
  /// As sigs.k8s.io/yaml resolves it (go-yaml v2, `resolve.go`): YAML 1.1 words for booleans, hexadecimal, octal and binary
  /// integers with `_`, dates stay strings; what is quoted is a string.
  package var resolved: ResolvedScalar {
    switch tag {
    case .string: return .string
    case .integer: return Scalar.integer(of: value).map { .integer($0) } ?? .integer(nil)
    case .number: return .number
    case .boolean: return Scalar.words[value] ?? .string
    case .null: return .null
    case nil: break
    }
    guard style == .plain else { return .string }
    guard let first = value.utf8.first else { return .null }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"):
      guard value.utf8.count <= 64 else { return .string }
      if let integer = Scalar.integer(of: value) { return .integer(integer) }
      return Scalar.isNumber(value) ? Scalar.wholeNumber(value) : .string
    case UInt8(ascii: "."):
      return Scalar.isNumber(value) ? .number : .string
    case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"),
      UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "o"), UInt8(ascii: "O"),
      UInt8(ascii: "~"):
      return value.utf8.count <= 5 ? Scalar.words[value] ?? .string : .string
    default: return .string
    }
  }

  private static let words: [String: ResolvedScalar] = {
    var words: [String: ResolvedScalar] = [:]
    for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
      words[word] = .boolean(true)
    }
    for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
      words[word] = .boolean(false)
    }
    for word in ["~", "null", "Null", "NULL"] { words[word] = .null }
    return words
  }()

  /// Go's `ParseInt(text without '_', base 0)`; `.some(nil)` for an integer beyond 64 bits.
  private static func integer(of text: String) -> Int?? {
    var digits = Array(text.utf8).filter { $0 != UInt8(ascii: "_") }
    guard let first = digits.first else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    if isNegative || first == UInt8(ascii: "+") { digits.removeFirst() }
    var radix = 10
    if digits.count > 1, digits[0] == UInt8(ascii: "0") {
      switch digits[1] | 0x20 {
      case UInt8(ascii: "x"): (radix, digits) = (16, Array(digits.dropFirst(2)))
      case UInt8(ascii: "o"): (radix, digits) = (8, Array(digits.dropFirst(2)))
      case UInt8(ascii: "b"): (radix, digits) = (2, Array(digits.dropFirst(2)))
      default: (radix, digits) = (8, Array(digits.dropFirst()))
      }
    }
    guard !digits.isEmpty else { return nil }
    var value = 0
    var overflows = false
    for digit in digits {
      guard let figure = Character(Unicode.Scalar(digit)).hexDigitValue, figure < radix else { return nil }
      let (product, first) = value.multipliedReportingOverflow(by: radix)
      let (sum, second) = product.addingReportingOverflow(figure)
      overflows = overflows || first || second
      value = sum
    }
    return overflows ? .some(nil) : .some(isNegative ? -value : value)
  }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, `.inf` and `.nan`.
  private static func isNumber(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(text) { return true }
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    if [".inf", ".Inf", ".INF"].contains(where: { rest.elementsEqual($0.utf8) }) { return true }
    func dropDigits() -> Int {
      let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    let whole = dropDigits()
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      if dropDigits() == 0, whole == 0 { return false }
    } else if whole == 0 {
      return false
    }
    if let exponent = rest.first, exponent | 0x20 == UInt8(ascii: "e") {
      rest.removeFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
      if dropDigits() == 0 { return false }
    }
    return rest.isEmpty
  }

  /// `5.0` is the integer 5 once it is JSON.
  private static func wholeNumber(_ text: String) -> ResolvedScalar {
    guard let value = Double(text), value.magnitude < 1e15, value.rounded() == value else { return .number }
    return .integer(Int(value))
  }
}
