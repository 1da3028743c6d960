internal import Diagnostics
internal import IR

extension PathLanguage {
  /// On one line: `/etc/** except /etc/ssl/** and /etc/hosts`, `all paths except /bin/sh`; if it is not exact `part of /etc/**, such as /etc/a`.
  /// Safe to print. Beyond `most` patterns of either list the rest is counted.
  package func text(most: Int = .max) -> String {
    func list(_ globs: [String]) -> String { WordList.joined(globs.map(DisplayText.safe), most: most) }
    var text = (isExact ? "" : "part of ") + (include == ["/{,**}"] ? "all paths" : list(include))
    if !except.isEmpty { text += " except " + list(except) }
    if !isExact, let sample = samples.first { text += ", such as " + DisplayText.safe(sample.description) }
    return text
  }
  package var text: String { text() }
}
