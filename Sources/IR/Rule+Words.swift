extension Rule {
  /// The rule on one line, as a person would say it: `Block read and write of /etc/shadow, unless owner, from /bin/cat`.
  package var words: String { origin.path }
}
