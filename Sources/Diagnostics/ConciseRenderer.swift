/// One line per finding: `file:line:col: severity[CODE] message`.
package enum ConciseRenderer {
  package static func render(_ diagnostics: [Diagnostic], _ map: SourceMap) -> String {
    var out = ""
    for diagnostic in diagnostics.inOrder() {
      if let span = diagnostic.span {
        let file = map[span.file]
        let place = file.position(of: span.start)
        out += "\(DisplayText.safe(file.name)):\(place.line):\(place.column): "
      }
      out += "\(diagnostic.severity.rawValue)[\(diagnostic.code)] \(DisplayText.safe(diagnostic.message))\n"
    }
    return out
  }
}
