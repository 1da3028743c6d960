/// Several things as one phrase.
package enum WordList {
  /// `a`, `a and b`, `a, b and c`; beyond `most` things the rest is counted: `a, b and 7 more`.
  package static func joined(_ words: [String], by last: String = "and", most: Int = .max) -> String {
    let shown = words.count > max(1, most) ? Array(words.prefix(max(1, most))) : words
    if shown.count < words.count { return shown.joined(separator: ", ") + " and \(words.count - shown.count) more" }
    guard let final = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " \(last) " + final
  }
}
