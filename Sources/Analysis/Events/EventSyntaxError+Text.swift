import Diagnostics
package import IR

extension EventSyntaxError {
  /// Most columns of the input that are shown.
  private static let width = 100

  /// The mistake for people: what is wrong, the input with carets, what was expected. Safe to print.
  package func text(for input: String) -> String {
    let bytes = Array(input.utf8)
    let start = min(range.lowerBound, bytes.count)
    let end = min(max(range.upperBound, start), bytes.count)
    // Of a long input only the neighbourhood of the mistake.
    var low = max(0, start - EventSyntaxError.width / 2)
    while low > 0, low < bytes.count, bytes[low] & 0xC0 == 0x80 { low -= 1 }
    var high = min(bytes.count, low + EventSyntaxError.width)
    while high < bytes.count, bytes[high] & 0xC0 == 0x80 { high += 1 }
    let shown = DisplayText(bytes[low..<high])
    let before = low > 0 ? "…" : ""
    let column = shown.column(of: start - low) + (low > 0 ? 1 : 0)
    let carets = max(1, shown.column(of: min(end, high) - low) - shown.column(of: start - low))
    var lines = [DisplayText.safe(message)]
    if !bytes.isEmpty {
      lines.append("  " + before + shown.text + (high < bytes.count ? "…" : ""))
      let caption = hint.isEmpty ? "" : " " + DisplayText.safe(hint)
      lines.append("  " + String(repeating: " ", count: column) + String(repeating: "^", count: carets) + caption)
    } else if !hint.isEmpty {
      lines.append("  " + DisplayText.safe(hint))
    }
    if !expected.isEmpty { lines.append("  expected " + DisplayText.safe(EventSyntaxError.alternatives(expected))) }
    return lines.joined(separator: "\n")
  }

  /// On one line, for lists of mistakes: "unknown operation 'raed', did you mean 'read'?".
  package var line: String {
    let more =
      !hint.isEmpty ? ", " + hint : expected.isEmpty ? "" : ", expected " + EventSyntaxError.alternatives(expected)
    return DisplayText.safe(message + more)
  }

  /// "a, b or c"; of long lists the first.
  private static func alternatives(_ words: [String]) -> String {
    if words.count > 14 { return words.prefix(10).joined(separator: ", ") + " or \(words.count - 10) more" }
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}
