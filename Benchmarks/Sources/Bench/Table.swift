import Glibc

/// Columns of text: the first to the left, the others to the right.
struct Table {
  private var rows: [[String]]

  init(_ head: [String]) { rows = [head] }

  mutating func row(_ cells: [String]) { rows.append(cells) }

  func print() {
    let widths = rows[0].indices.map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    for (number, row) in rows.enumerated() {
      let cells = row.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 ? text + padding : padding + text
      }
      Swift.print(cells.joined(separator: "  "))
      if number == 0 { Swift.print(String(repeating: "-", count: widths.reduce(-2) { $0 + $1 + 2 })) }
    }
    Swift.print("")
    // Shown at once, also where the output goes to a file.
    fflush(nil)
  }

  static func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int((value * scale).rounded())
    if digits == 0 { return "\(whole)" }
    let fraction = "\(whole % Int(scale))"
    return "\(whole / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  static func time(_ seconds: Double) -> String {
    if seconds >= 100 { return fixed(seconds, 0) + " s" }
    if seconds >= 1 { return fixed(seconds, 2) + " s" }
    if seconds >= 0.001 { return fixed(seconds * 1000, 1) + " ms" }
    return fixed(seconds * 1e6, 0) + " us"
  }

  static func size(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, 1) + " MB" }

  static func rate(_ perSecond: Double) -> String { grouped(Int(perSecond.rounded())) }

  static func grouped(_ number: Int) -> String {
    var text = ""
    for (place, digit) in String(number).reversed().enumerated() {
      if place > 0, place % 3 == 0 { text = "," + text }
      text = String(digit) + text
    }
    return text
  }
}
