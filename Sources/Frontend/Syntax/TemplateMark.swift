import Diagnostics

/// Recognises text/template source (Helm charts) that is no YAML before it is rendered.
enum TemplateMark {
  /// A finding if the text holds `{{ … }}`.
  static func diagnostic(in text: ArraySlice<UInt8>, file: FileID) -> Diagnostic? {
    var index = text.startIndex
    let brace = UInt8(ascii: "{")
    while index + 1 < text.endIndex {
      if text[index] == brace, text[index + 1] == brace {
        let lineEnd = text[index...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
        let close = closing(text[index..<lineEnd])
        let span = Span(file: file, start: SourceOffset(clamping: index), end: SourceOffset(clamping: close))
        return Diagnostic(
          FrontendCode.template.rawValue,
          .error,
          "this looks like a Helm template, not YAML",
          at: span,
          caption: "a template expression",
          notes: ["expected rendered manifests: run 'helm template' and give its output"]
        )
      }
      index += 1
    }
    return nil
  }

  private static func closing(_ line: ArraySlice<UInt8>) -> Int {
    var index = line.startIndex
    while index + 1 < line.endIndex {
      if line[index] == UInt8(ascii: "}"), line[index + 1] == UInt8(ascii: "}") { return index + 2 }
      index += 1
    }
    return line.endIndex
  }
}
