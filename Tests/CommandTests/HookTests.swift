import Foundation
import Testing

/// `armorc oci-hook` as a container runtime calls it, on a machine where nothing is loaded, and AppArmor's verbs without
/// AppArmor.
struct HookTests {
  private static func state(_ bundle: String, status: String = "creating") -> String {
    #"{"ociVersion": "1.0.2", "id": "c1", "status": "\#(status)", "pid": 4711, "bundle": "\#(bundle)"}"#
  }

  private func hook(_ scratch: Scratch, _ input: String, _ arguments: [String] = []) async throws -> Command.Outcome {
    try await Command.run(
      ["oci-hook", "--enforcer", "apparmor", "--state", scratch.path("state")] + arguments,
      in: scratch,
      input: input
    )
  }

  @Test func withoutAPolicy() async throws {
    let scratch = try Scratch()
    try scratch.write("config.json", #"{"annotations": {"io.kubernetes.container.name": "cart"}}"#)
    let state = Self.state(scratch.url.path)
    let free = try await hook(scratch, state)
    #expect(free.status == 0, "\(free.all)")
    #expect(free.output.contains("no policy for this container: nothing is loaded"))
    let required = try await hook(scratch, state, ["--require"])
    #expect(required.status == 3, "\(required.all)")
    #expect(required.errors.contains("nothing is loaded"))
    #expect(required.output.isEmpty)
  }

  @Test func whoAsksForAPolicyGetsItOrStops() async throws {
    let scratch = try Scratch()
    try scratch.write("config.json", #"{"annotations": {"armorc.io/subject": "shop.cart.cart"}}"#)
    let outcome = try await hook(scratch, Self.state(scratch.url.path))
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(outcome.errors.contains("'shop.cart.cart'"))
  }

  @Test(arguments: ["", "{}", "[1, 2", #"{"ociVersion": "1.0.2"}"#])
  func whatIsNoState(_ input: String) async throws {
    let outcome = try await hook(try Scratch(), input)
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(outcome.errors.hasPrefix("armorc: the container's state"))
  }

  @Test func wrongStage() async throws {
    let scratch = try Scratch()
    let outcome = try await hook(scratch, Self.state(scratch.url.path, status: "running"))
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(outcome.errors.contains("createRuntime"))
  }

  @Test func noConfiguration() async throws {
    let scratch = try Scratch()
    let outcome = try await hook(scratch, Self.state(scratch.url.path + "/nowhere"))
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(outcome.errors.contains("config.json"))
  }

  @Test(.enabled(if: !FileManager.default.fileExists(atPath: "/sys/kernel/security/apparmor/.replace")))
  func withoutAppArmor() async throws {
    let scratch = try Scratch()
    let common = ["--enforcer", "apparmor", "--state", scratch.path("state")]
    for arguments in [["load", "."], ["rollback"], ["run", "--domain", "x"]] {
      let outcome = try await Command.run(
        arguments + common + (arguments[0] == "run" ? ["--", "/bin/true"] : []),
        in: scratch
      )
      #expect(outcome.status == 3, "\(outcome.all)")
      #expect(!outcome.errors.isEmpty)
    }
    let load = try await Command.run(["load", "."] + common, in: scratch)
    #expect(load.errors.contains("boot") || load.errors.contains("apparmor_parser"), "\(load.all)")
    #expect(try await Command.run(["status"] + common, in: scratch).status == 1)
    #expect(try await Command.run(["unload"] + common, in: scratch).output == "nothing was loaded\n")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("state")))
  }
}
