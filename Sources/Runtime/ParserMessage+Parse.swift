extension AppArmorParser {
  /// The messages in what the parser wrote to standard error, one per line.
  ///
  /// Known forms (3.0.8): `AppArmor parser error[ for FILE][ in profile NAME] at line N: TEXT`,
  /// `ERROR processing regexs for profile NAME, failed to load`, `Profile NAME has too many …`,
  /// `Multiple definitions for profile NAME exist,bailing out.`. A line without a profile belongs to the next one that
  /// names it: the parser prints the reason, then which profile it could not process.
  package static func messages(in errors: [UInt8]) -> [ParserMessage] {
    var result: [ParserMessage] = []
    var pending = 0
    for line in String(decoding: errors.prefix(1 << 16), as: UTF8.self).split(whereSeparator: \.isNewline) {
      var text = line
      for prefix in ["apparmor_parser: ", "AppArmor parser error"] where text.hasPrefix(prefix) {
        text = text.dropFirst(prefix.count)
      }
      if let name = between("ERROR processing regexs for profile ", ", failed to load", text) {
        // Only says which profile the lines before it are about.
        for index in pending..<result.count where result[index].profile == nil && result[index].line == nil {
          result[index].profile = name
        }
        if pending == result.count { result.append(ParserMessage(profile: name, text: "cannot process its rules")) }
        pending = result.count
        continue
      }
      var message = ParserMessage(text: text.trimmed)
      if line.hasPrefix("AppArmor parser error"), let place = text.firstRange(of: " at line ") {
        let rest = text[place.upperBound...]
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        if let number = Int(digits), rest.dropFirst(digits.count).first == ":" {
          message.line = number
          message.text = rest.dropFirst(digits.count + 1).trimmed
        }
      }
      message.profile =
        between("Profile ", " has too many", text) ?? between("Multiple definitions for profile ", " exist", text)
      result.append(message)
    }
    return result
  }

  /// What stands between two fixed texts, if the first begins the line.
  private static func between(_ start: String, _ end: String, _ line: Substring) -> String? {
    guard line.hasPrefix(start), let stop = line.firstRange(of: end) else { return nil }
    let first = line.index(line.startIndex, offsetBy: start.count)
    return first <= stop.lowerBound ? String(line[first..<stop.lowerBound]) : nil
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var rest = drop { $0 == " " }
    while rest.last == " " || rest.last == "." { rest = rest.dropLast() }
    return String(rest)
  }
}
