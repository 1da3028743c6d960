import Foundation
import Testing

/// 218 access decisions of upstream's own scenario tests, where they are at hand (`../shared`), as files of tests.
@Suite struct TestOracleTests {
  private static let shared = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")

  private static let verdicts = ["allow", "audit", "block"]

  /// A row as a file of tests; `base` is what its verdict holds under.
  private func file(_ row: [String: Any], _ policies: [String], verdict: String, base: String?) throws -> String {
    let posture = try #require(row["posture"] as? [String: Any])
    let subject = try #require(row["subject"] as? [String: Any])
    let event = try #require(row["event"] as? [String: Any])
    func json(_ value: Any) throws -> String {
      let data = try JSONSerialization.data(
        withJSONObject: value,
        options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes]
      )
      return String(decoding: data, as: UTF8.self)
    }
    func labels(_ name: String) throws -> String {
      let all = try #require(subject[name] as? [String: String])
      return all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
    let query: String
    if subject["kind"] as? String == "host" {
      let host = (subject["node_labels"] as? [String: String])?["kubernetes.io/hostname"] ?? "host"
      query = "host:\(host)/" + (try labels("node_labels"))
    } else {
      query =
        "\(subject["namespace"] as? String ?? "default")/" + (try labels("labels"))
        + ":\(subject["container"] as? String ?? "main")"
    }
    let names = ["file", "network", "capabilities"]
    return """
      policies: \(try json(policies))
      posture: \(try json(posture.filter { names.contains($0.key) }))
      base: \(base ?? "none")
      tests:
      - name: \(try json(row["id"] ?? ""))
        subject: \(try json(query))
        expect:
        - \(verdict): \(try json(event))

      """
  }

  @Test func everyRow() async throws {
    let oracle = TestOracleTests.shared.appending(path: "oracle/upstream-scenarios.json")
    guard FileManager.default.fileExists(atPath: oracle.path) else {
      print("TestOracleTests: no oracle beside the project; nothing was replayed")
      return
    }
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: oracle)) as? [String: Any]
    let rows = try #require(object?["rows"] as? [[String: Any]])
    let scratch = try Scratch()
    var count = 0
    for (number, row) in rows.enumerated() {
      let paths = try #require(row["policies"] as? [String])
      let policies = paths.map {
        TestOracleTests.shared.appending(path: "corpus/policies/KubeArmor").appending(path: $0).path
      }
      for (member, base) in [("armorc", nil), ("armorc_with_base", "runtime-v1" as String?)] {
        guard let verdict = row[member] as? String, verdict != "native" else { continue }
        let name = "\(number)-\(base ?? "bare").test.yaml"
        try scratch.write("right/" + name, try file(row, policies, verdict: verdict, base: base))
        let altered = TestOracleTests.verdicts.filter { $0 != verdict }[number % 2]
        try scratch.write("wrong/" + name, try file(row, policies, verdict: altered, base: base))
        count += 1
      }
    }
    #expect(count >= 214)
    let right = try await Command.run(["test", "right"], in: scratch)
    #expect(right.status == 0, "\(right.all.suffix(4000))")
    let passed = "\(count) expectations of \(count) tests in \(count) files: \(count) passed, 0 failed\n"
    #expect(right.output.hasSuffix(passed), "\(right.output.suffix(200))")
    let wrong = try await Command.run(["test", "wrong"], in: scratch)
    #expect(wrong.status == 1)
    let failed = "\(count) expectations of \(count) tests in \(count) files: 0 passed, \(count) failed\n"
    #expect(wrong.output.hasSuffix(failed), "\(wrong.output.suffix(200))")
    print("TestOracleTests: \(count) verdicts replayed")
  }
}
