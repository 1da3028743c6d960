import Frontend
import IR
import Testing

@Suite struct ScalarTests {
  /// Expected values were taken from `kubectl label --local -o json`, which converts YAML as the API server does.
  @Test(arguments: [
    ("y", ResolvedScalar.boolean(true)), ("yes", .boolean(true)), ("N", .boolean(false)), ("on", .boolean(true)),
    ("0o7", .integer(7)), ("010", .integer(8)), ("1_000", .integer(1000)), ("5.0", .integer(5)), ("08", .integer(8)),
    ("2020-01-01", .string), ("0x_1F", .integer(31)), (".5", .number), ("~", .null), ("", .null),
    ("1e3", .integer(1000)),
    ("+5", .integer(5)), ("0b11", .integer(3)), ("-0x1f", .integer(-31)), ("1:30", .string), ("123abc", .string),
    ("=", .string), ("0.", .integer(0)), ("yy", .string), ("nullx", .string), ("-", .string), ("tcp", .string),
    ("9223372036854775807", .integer(Int.max)), ("99999999999999999999", .integer(nil)),
    ("1" + String(repeating: "0", count: 400), .string),
  ])
  func plain(_ text: String, _ expected: ResolvedScalar) {
    #expect(Scalar(value: text, style: .plain).resolved == expected)
    #expect(Scalar(value: text, style: .quoted).resolved == .string)
  }

  @Test func editDistance() {
    #expect(Spelling.editDistance("matchPath", "matchPaths", limit: 3) == 1)
    #expect(Spelling.editDistance("ab", "ba", limit: 3) == 1)
    #expect(Spelling.editDistance("", "abc", limit: 3) == 3)
    #expect(Spelling.editDistance("kitten", "sitting", limit: 3) == 3)
    #expect(Spelling.editDistance("aaaaaaaa", "bbbbbbbb", limit: 3) == 4)
  }
}
