/// A pattern in AppArmor's glob language, exactly as `apparmor_parser` 3.0.8 reads it.
///
/// The text is what stands between the double quotes of a profile rule, `"TEXT" r,`, with one difference: a raw `"` is
/// an ordinary byte here (in a profile it would end the quotes; `profileText` writes it safely). Hence a space, a tab, a
/// line feed, `#`, `"`, `!` and every byte above 0x7F stand for themselves, byte by byte; a NUL is a mistake.
///
/// The parser's chain, which `GlobReader` follows stage by stage:
/// 1. escapes: `\ooo` (one to three octal digits), `\dNNN`, `\xHH`, `\a \e \f \n \r \t \\ \"`; the result of an escape
///    never acts as `*`, `?`, `[`, `]`, `{`, `}`, `^`, `,` or `\`, but acts as `/`, `-` and `@`;
/// 2. `@{NAME}` is a variable (a mistake here, since a policy declares none);
/// 3. runs of `/` become one `/`, except a leading pair that no third slash follows;
/// 4. `*`, `**`, `?`, `{a,b}`: `*` and `**` directly after a `/` and directly before a `/` or the end need at least one
///    byte, which is not `/`; other superfluous backslashes are dropped (`\-` is a plain `-`, even within a class);
/// 5. `[...]`: `[^...]` matches any byte not listed, `/` and NUL included. `*` and `?` do NOT lose their meaning within
///    a class: `[*]` is read as the class of `[`, `^`, `/` and NUL, repeated, and a `]`.
package struct Glob: Hashable, Sendable {
  /// The pattern as written.
  package let text: [UInt8]
  /// The strings it matches.
  package let language: Language
  /// The bytes to put between double quotes in an AppArmor rule, so that the parser reads precisely `language`: ASCII
  /// without quotes, spaces and control bytes.
  package let profileText: [UInt8]

  /// Longest pattern that is accepted, in bytes: twice what a path can hold.
  package static let longest = 8_192
  /// Longest `profileText` that `apparmor_parser` takes: its scanner has a buffer of 16 KiB.
  package static let longestProfileText = 16_000
  /// Deepest nesting of `{}`; `apparmor_parser` refuses the fiftieth level.
  package static let deepest = 49

  /// - Throws: `GlobError` with the byte offset of the first mistake.
  package init(_ text: [UInt8]) throws(GlobError) {
    let reader = try GlobReader(text)
    self.text = text
    self.language = reader.language
    self.profileText = reader.profileText()
  }

  /// A pattern that matches just this string. Nil if there is none: it does not start with `/`, holds a NUL or is too
  /// long.
  package init?(literal: [UInt8]) {
    guard let glob = try? Glob(Glob.profileText(literal: literal)) else { return nil }
    self = glob
  }

  /// The text says it all.
  package static func == (a: Glob, b: Glob) -> Bool { a.text == b.text }

  package func hash(into hasher: inout Hasher) {
    // The buffer is only read, and does not leave the closure.
    unsafe text.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }

  /// Whether a string matches, found by `GlobMatcher` and not by an automaton.
  package func matchesSlowly(_ bytes: some Collection<UInt8>) -> Bool { GlobMatcher(self).matches(bytes) }
}

/// A mistake in a glob.
package struct GlobError: Error, Hashable, Sendable {
  /// Byte offset into the pattern.
  package let offset: Int
  /// What is wrong and what was expected, lower case, no final period.
  package let message: String
  /// Whether something is left open: such a mistake yields to any that follows it.
  let isUnclosed: Bool

  init(offset: Int, message: String, isUnclosed: Bool = false) {
    self.offset = offset
    self.message = message
    self.isUnclosed = isUnclosed
  }
}
