/// What a test file may hold (docs/testing.md).
package enum TestSchema {
  package static let posture = ObjectShape(
    "'posture'",
    [FieldShape("file", .string), FieldShape("network", .string), FieldShape("capabilities", .string)],
    hints: ["process": Hint("programs and files share the posture 'file'", replacement: "file")],
    isKubernetes: false
  )

  package static let socket = ObjectShape(
    "'network'",
    [
      FieldShape("family", .string, required: true), FieldShape("type", .string, required: true),
      FieldShape("protocol", .anything),
    ],
    isKubernetes: false
  )

  /// An event field by field; what else a recorded event holds is passed over.
  package static let event = ObjectShape(
    "an event",
    [
      FieldShape("op", .string, required: true), FieldShape("path", .anything), FieldShape("source", .anything),
      FieldShape("isOwner", .anything), FieldShape("network", .anything), FieldShape("capability", .anything),
      FieldShape("syscall", .anything), FieldShape("args", .anything), FieldShape("tty", .anything),
    ],
    hints: ["from": Hint("the acting program is 'source'", replacement: "source")],
    isKubernetes: false
  )

  package static let expectation = ObjectShape(
    "an entry of 'expect'",
    [
      FieldShape("allow", .anything), FieldShape("audit", .anything), FieldShape("block", .anything),
      FieldShape("by", .string),
    ],
    hints: [
      "deny": Hint("the verdicts are 'allow', 'audit' and 'block'", replacement: "block"),
      "report": Hint("the verdicts are 'allow', 'audit' and 'block'", replacement: "audit"),
    ],
    isKubernetes: false
  )

  package static let test = ObjectShape(
    "an entry of 'tests'",
    [
      FieldShape("name", .string, required: true), FieldShape("subject", .string),
      FieldShape("posture", .object(posture)), FieldShape("base", .string),
      FieldShape("expect", .list(expectation), required: true),
    ],
    isKubernetes: false
  )

  package static let suite = ObjectShape(
    "the test file",
    [
      FieldShape("policies", .strings), FieldShape("posture", .object(posture)), FieldShape("base", .string),
      FieldShape("subject", .string), FieldShape("tests", .list(test), required: true),
    ],
    hints: [
      "expect": Hint("'expect' belongs to an entry of 'tests'", code: .misplacedField),
      "name": Hint("'name' belongs to an entry of 'tests'", code: .misplacedField),
    ],
    isKubernetes: false
  )
}
