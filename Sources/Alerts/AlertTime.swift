/// Times as text, `2026-01-31T12:00:00.000000Z`, remembering the last second.
struct AlertTime {
  private var second = -1
  private var text: [UInt8] = []

  /// Nanoseconds are since 1970 and not negative.
  mutating func append(_ nanoseconds: Int, separator: UInt8, zone: String, to out: inout [UInt8]) {
    let wanted = nanoseconds / 1_000_000_000
    if wanted != second {
      second = wanted
      text = Array(AlertTime.civil(wanted).utf8)
    }
    let start = out.count
    out += text
    if text.count > 10 { out[start + 10] = separator }
    out.append(UInt8(ascii: "."))
    var micro = nanoseconds / 1000 % 1_000_000
    var digits: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0, 0)
    digits.5 = UInt8(micro % 10)
    micro /= 10
    digits.4 = UInt8(micro % 10)
    micro /= 10
    digits.3 = UInt8(micro % 10)
    micro /= 10
    digits.2 = UInt8(micro % 10)
    micro /= 10
    digits.1 = UInt8(micro % 10)
    digits.0 = UInt8(micro / 10)
    for digit in [digits.0, digits.1, digits.2, digits.3, digits.4, digits.5] { out.append(UInt8(ascii: "0") + digit) }
    out += zone.utf8
  }

  /// `2026-01-31T12:00:00`, by the civil calendar: years that begin in March, in eras of 400.
  static func civil(_ seconds: Int) -> String {
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
      + "T\(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60))"
  }
}
