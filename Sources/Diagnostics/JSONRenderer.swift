/// Findings for programs: `{"version":1,"findings":[…],"summary":{…}}`, one finding per line, byte-stable.
///
/// A span is `{"file","start","end","line","column","endLine","endColumn"}`: `start` and `end` are byte offsets, lines and
/// columns are 1-based, columns count Unicode scalars. New members may be added under the same version.
package enum JSONRenderer {
  package static func render(_ diagnostics: [Diagnostic], _ map: SourceMap) -> String {
    let ordered = diagnostics.inOrder()
    var out = "{\"version\":1,\"findings\":["
    for (index, diagnostic) in ordered.enumerated() {
      out += (index > 0 ? ",\n" : "\n") + finding(diagnostic, map).text()
    }
    let summary = Summary(ordered, files: map.files.count)
    let counts = JSONValue.object([
      ("errors", .integer(summary.errors)),
      ("warnings", .integer(summary.warnings)),
      ("notes", .integer(summary.notes)),
      ("files", .integer(summary.files)),
    ])
    return out + (ordered.isEmpty ? "" : "\n") + "],\"summary\":" + counts.text() + "}\n"
  }

  /// One finding, every member always present.
  package static func finding(_ diagnostic: Diagnostic, _ map: SourceMap) -> JSONValue {
    .object([
      ("code", .string(diagnostic.code)),
      ("severity", .string(diagnostic.severity.rawValue)),
      ("message", .string(diagnostic.message)),
      ("caption", .string(diagnostic.caption)),
      ("span", diagnostic.span.map { span($0, map) } ?? .null),
      (
        "labels",
        .array(
          diagnostic.labels.map { .object([("span", span($0.span, map)), ("message", .string($0.message))]) }
        )
      ),
      ("notes", .array(diagnostic.notes.map(JSONValue.string))),
      ("fixes", .array(diagnostic.fixes.map { fix($0, map) })),
    ])
  }

  private static func fix(_ fix: FixIt, _ map: SourceMap) -> JSONValue {
    .object([
      ("message", .string(fix.message)),
      ("span", span(fix.span, map)),
      ("replacement", .string(fix.replacement)),
      ("applicability", .string(fix.applicability.rawValue)),
    ])
  }

  private static func span(_ span: Span, _ map: SourceMap) -> JSONValue {
    let file = map[span.file]
    let start = file.position(of: span.start)
    let end = file.position(of: span.end)
    return .object([
      ("file", .string(file.name)),
      ("start", .integer(Int(span.start))),
      ("end", .integer(Int(span.end))),
      ("line", .integer(start.line)),
      ("column", .integer(start.column)),
      ("endLine", .integer(end.line)),
      ("endColumn", .integer(end.column)),
    ])
  }
}
