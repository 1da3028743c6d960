import Automata
import Diagnostics
import IR

/// Paths, directories, names and patterns.
extension ObjectReader {
  /// Longest path the CRD lets through, in characters; the API server refuses the object beyond it.
  private static let clusterPathLimit = 200

  /// `path`: an absolute path to a file.
  func path(_ slot: Fields.Slot?) -> BytePath? {
    guard let slot, let text = string(slot) else { return nil }
    let span = slot.value.span
    let bytes = Array(text.utf8)
    guard isAbsolute(bytes, text, slot), isPrintable(bytes, text, span) else { return nil }
    if bytes.allSatisfy({ $0 == UInt8(ascii: "/") }) {
      findings.add(
        .pathWithSlash,
        "'/' is a directory, not a path to a file",
        at: span,
        notes: ["expected 'matchDirectories' with 'dir: /'"]
      )
      return nil
    }
    if bytes.last == UInt8(ascii: "/") {
      let bare = text.droppingLastSlashes
      findings.add(
        .pathWithSlash,
        "path \(quoted(text)) ends in '/'",
        at: span,
        caption: "expected a path to a file",
        notes: ["a directory and what is in it belongs under 'matchDirectories' with 'dir: \(text)'"],
        fixes: [
          FixIt("remove the slash to mean the directory alone", span: span, replacement: bare, applicability: .unsafe)
        ]
      )
      return nil
    }
    guard isShort(text, bytes, span, limit: ObjectReader.clusterPathLimit) else { return nil }
    return normal(bytes, text, span)
  }

  /// `dir`: an absolute path that ends in `/`. The result has no trailing slash.
  func directory(_ slot: Fields.Slot?, mayLackSlash: Bool = false) -> BytePath? {
    guard let slot, let text = string(slot) else { return nil }
    let span = slot.value.span
    var bytes = Array(text.utf8)
    guard isAbsolute(bytes, text, slot), isPrintable(bytes, text, span) else { return nil }
    if bytes == [UInt8(ascii: "/")] { return .root }
    if bytes.last == UInt8(ascii: "/") {
      bytes.removeLast()
    } else if !mayLackSlash {
      findings.add(
        .directoryWithoutSlash,
        "dir \(quoted(text)) does not end in '/'",
        at: span,
        caption: "expected '\(text.prefix(80))/'",
        notes: ["a single file belongs under 'matchPaths' with 'path: \(text.prefix(80))'"],
        fixes: [FixIt("add the slash", span: span.endPoint, replacement: "/", applicability: .unsafe)]
      )
      return nil
    }
    guard isShort(text, bytes, span, limit: nil) else { return nil }
    return normal(bytes, text, span)
  }

  /// `execname`: the last component of a path.
  func execname(_ slot: Fields.Slot?) -> [UInt8]? {
    guard let slot, let text = string(slot) else { return nil }
    let bytes = Array(text.utf8)
    let problem: String? =
      if bytes.isEmpty {
        "is empty"
      } else if bytes.contains(UInt8(ascii: "/")) {
        "holds a '/'"
      } else if bytes.contains(where: { $0 == 0 || $0 == 10 }) {
        "holds a NUL or a line break"
      } else if text == "." || text == ".." {
        "names no file"
      } else {
        nil
      }
    guard let problem else { return bytes }
    let last = text.split(separator: "/").last.map(String.init) ?? ""
    findings.add(
      .badExecname,
      "execname \(quoted(text)) \(problem)",
      at: slot.value.span,
      caption: "expected the bare name of a program",
      notes: bytes.contains(UInt8(ascii: "/")) ? ["one program at one place is named with 'path'"] : [],
      fixes: last.isEmpty || last == text
        ? [] : [FixIt("write '\(last)'", span: slot.value.span, replacement: last, applicability: .unsafe)]
    )
    return nil
  }

  /// `pattern`: an AppArmor glob.
  func pattern(_ slot: Fields.Slot?) -> Glob? {
    guard let slot, let text = string(slot) else { return nil }
    let span = slot.value.span
    let bytes = Array(text.utf8)
    guard isPrintable(bytes, text, span) else { return nil }
    guard let first = bytes.first, first == UInt8(ascii: "/") else {
      let looksRegular = text.hasPrefix("^") || text.hasSuffix("$")
      let notes = looksRegular ? ["a pattern is a glob, not a regular expression: '*', '**', '?', '[..]', '{a,b}'"] : []
      findings.add(
        .badPattern,
        bytes.isEmpty ? "pattern is empty" : "pattern \(quoted(text)) does not start with '/'",
        at: span,
        caption: "expected a glob over absolute paths",
        notes: notes + ["paths start with '/', so it matches nothing"],
        fixes: text.hasPrefix("*")
          ? [FixIt("write '/\(text)'", span: span, replacement: "/" + text, applicability: .unsafe)] : []
      )
      return nil
    }
    do { return try Glob(bytes) } catch {
      findings.add(
        .badPattern,
        "pattern \(quoted(text)): \(error.message)",
        at: span,
        labels: [Label(place(error.offset, in: text, span), "here")]
      )
      return nil
    }
  }

  private func isAbsolute(_ bytes: [UInt8], _ text: String, _ slot: Fields.Slot) -> Bool {
    if bytes.first == UInt8(ascii: "/") { return true }
    let name = slot.key.name == "dir" ? "dir" : "path"
    let slash = text.utf8.firstIndex(of: UInt8(ascii: "/"))
    var notes: [String] = []
    var fixes: [FixIt] = []
    if bytes.isEmpty {
      notes = ["expected an absolute path such as '/usr/bin/cat'"]
    } else if text.hasPrefix("$") || text.hasPrefix("~") || text.hasPrefix("%") {
      notes = ["variables and '~' are not expanded"]
    } else if let slash, text[..<slash].contains(" ") {
      let rest = String(text[slash...])
      fixes = [FixIt("write '\(rest.prefix(80))'", span: slot.value.span, replacement: rest, applicability: .unsafe)]
    } else if text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) {
      fixes = [
        FixIt("write '/\(text.prefix(80))'", span: slot.value.span, replacement: "/" + text, applicability: .unsafe)
      ]
    }
    findings.add(
      .badPath,
      bytes.isEmpty ? "\(name) is empty" : "\(name) \(quoted(text)) is not absolute",
      at: firstLine(slot.value.span),
      caption: "expected a path that starts with '/'",
      notes: notes,
      fixes: fixes
    )
    return false
  }

  private func isPrintable(_ bytes: [UInt8], _ text: String, _ span: Span) -> Bool {
    guard let index = bytes.firstIndex(where: { $0 == 0 || $0 == 10 || $0 == 13 }) else { return true }
    let isFinal = index == bytes.count - 1 && bytes[index] == 10
    findings.add(
      .badPath,
      bytes[index] == 0 ? "a path cannot hold a NUL" : "path holds a line break",
      at: firstLine(span),
      notes: isFinal
        ? ["the block scalar adds it; write the path on the line of its key, or '|-' instead of '|'"]
        : ["no policy can name a path with a line break"]
    )
    return false
  }

  private func isShort(_ text: String, _ bytes: [UInt8], _ span: Span, limit: Int?) -> Bool {
    if bytes.count > BytePath.maximumLength {
      findings.add(
        .pathTooLong,
        "path of \(bytes.count) bytes is longer than the kernel allows",
        at: span.startPoint,
        caption: "expected at most \(BytePath.maximumLength) bytes"
      )
      return false
    }
    guard let limit, text.unicodeScalars.count > limit else { return true }
    findings.add(
      .pathTooLong,
      "path of \(text.unicodeScalars.count) characters is longer than the cluster accepts",
      at: span,
      caption: "expected at most \(limit) characters",
      notes: ["the API server refuses the whole policy; 'matchDirectories' and 'matchPatterns' have no such limit"]
    )
    return false
  }

  private func normal(_ bytes: [UInt8], _ text: String, _ span: Span) -> BytePath? {
    if let path = BytePath(bytes) { return path }
    var components: [Substring] = []
    for component in text.split(separator: "/") where component != "." {
      if component == ".." { _ = components.popLast() } else { components.append(component) }
    }
    let isDirectory = text.hasSuffix("/")
    let normal = "/" + components.joined(separator: "/") + (isDirectory && !components.isEmpty ? "/" : "")
    findings.add(
      .pathNotNormal,
      "path \(quoted(text)) holds a '//', '.' or '..'",
      at: span,
      caption: "the kernel never sees such a path, so the rule matches nothing",
      notes: ["if a directory on the way is a symbolic link, '..' leads elsewhere; check the result"],
      fixes: [FixIt("write '\(normal.prefix(120))'", span: span, replacement: normal, applicability: .unsafe)]
    )
    return nil
  }
}

extension String {
  fileprivate var droppingLastSlashes: String {
    var text = self[...]
    while text.count > 1, text.hasSuffix("/") { text = text.dropLast() }
    return String(text)
  }
}
