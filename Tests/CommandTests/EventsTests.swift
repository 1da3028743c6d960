import Foundation
import Testing

@Suite struct EventsTests {
  private static let log = """
    type=AVC msg=audit(1767225600.123:42): apparmor="DENIED" operation="open" class="file" profile="armorc.shop.web" \
    name="/etc/shadow" pid=12 comm="cat" requested_mask="r" denied_mask="r" fsuid=33 ouid=0
    type=USER msg=audit(1767225600.123:43): something else
    type=AVC msg=audit(1767225600.123:44): apparmor="DENIED" operation="capable" profile="armorc.shop.cart" pid=13 \
    comm="ping" capability=13  capname="net_raw"
    type=AVC msg=audit(1767225600.123:45): apparmor="DENIED" operation="open" profile="unclosed

    """

  private func events(_ arguments: String...) async throws -> Command.Outcome {
    try await Command.run(["events", "--state", "/nowhere/at/all"] + arguments, in: Scratch(), input: EventsTests.log)
  }

  @Test func aLineForEachDenial() async throws {
    let outcome = try await events("--audit-log", "-")
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.status == 0 && lines.count == 2, "\(outcome.all)")
    #expect(lines.first?.contains(#""Resource":"/etc/shadow""#) == true, "\(outcome.all)")
    #expect(outcome.errors.contains("1 lines of AppArmor were not understood"), "\(outcome.all)")
  }

  @Test func filtersAndLimit() async throws {
    let cart = try await events("--audit-log", "-", "--subject", "shop.cart")
    #expect(cart.output.contains("CAP_NET_RAW") && !cart.output.contains("/etc/shadow"), "\(cart.all)")
    let one = try await events("--audit-log", "-", "--limit", "1", "--format", "text")
    #expect(one.output.hasPrefix("== Alert / 2026-01-01 00:00:00.123000 ==\n"), "\(one.all)")
    #expect(!one.output.contains("CAP_NET_RAW"), "\(one.all)")
    #expect(try await events("--audit-log", "-", "--action", "audit").output.isEmpty)
  }

  @Test(arguments: [
    ["--follow", "--once"], ["--since-boot"], ["--bundle", "x"], ["--limit", "0"], ["--severity-at-least", "11"],
    ["--format", "xml"],
  ])
  func wrongUsage(_ arguments: [String]) async throws {
    let outcome = try await Command.run(["events"] + arguments, in: Scratch())
    #expect(outcome.status == 2, "\(outcome.all)")
  }

  @Test func whatIsNotThere() async throws {
    let log = try await events("--audit-log", "/nowhere/at/all")
    #expect(log.status == 3 && log.errors.contains("/nowhere/at/all"), "\(log.all)")
    let ring = try await events("--bpffs", "/nowhere/at/all")
    #expect(ring.status == 3 && ring.errors.contains("nothing is loaded"), "\(ring.all)")
  }
}
