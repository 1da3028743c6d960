import Foundation
import Testing
import _PolicyTestSupport

@testable import Runtime

/// What a container runtime tells a hook, and what somebody else might.
struct ContainerStateTests {
  static let text = """
    {"ociVersion": "1.0.2", "id": "c1", "status": "creating", "pid": 4711, "bundle": "/run/c1",
     "annotations": {"io.kubernetes.cri.container-name": "cart"}, "further": [1, 2.5, null]}
    """

  @Test func whatTheSpecificationHas() throws {
    let state = try ContainerState(json: Array(Self.text.utf8))
    #expect(state.id == "c1")
    #expect(state.pid == 4711)
    #expect(state.bundle == "/run/c1")
    #expect(state.annotations == ["io.kubernetes.cri.container-name": "cart"])
  }

  @Test(arguments: [
    ("", "no JSON"),
    ("{", "no JSON"),
    ("null", "null"),
    ("[]", "is no"),
    ("{}", "'ociVersion'"),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "creating", "pid": "4711", "bundle": "/run/c1"}"#, "'pid'"),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "creating", "pid": 1, "bundle": "/run/c1"}"#, "no number"),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "creating", "pid": -1, "bundle": "/run/c1"}"#, "no number"),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "creating", "pid": 2147483648, "bundle": "/b"}"#, "no number"),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "creating", "pid": 1e400, "bundle": "/b"}"#, ""),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "creating", "bundle": "/run/c1"}"#, "no number"),
    (#"{"ociVersion": "1.0.2", "id": "", "status": "creating", "pid": 9, "bundle": "/run/c1"}"#, "0 bytes"),
    (#"{"ociVersion": "2.0.0", "id": "c1", "status": "creating", "pid": 9, "bundle": "/run/c1"}"#, "'2.0.0'"),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "running", "pid": 9, "bundle": "/run/c1"}"#, "createRuntime"),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "stopped", "pid": 9, "bundle": "/run/c1"}"#, "createRuntime"),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "created", "pid": 9, "bundle": "run/c1"}"#, "absolute"),
    (#"{"ociVersion": "1.0.2", "id": "c1", "status": "created", "pid": 9, "bundle": "/a\u0000b"}"#, "absolute"),
    (
      #"{"ociVersion": "1.0.2", "id": "c1", "status": "created", "pid": 9, "bundle": "/b", "annotations": {"a": 1}}"#,
      "'annotations.a'"
    ),
    (
      #"{"ociVersion": "1.0.2", "id": "c1", "status": "created", "pid": 9, "bundle": "/b", "annotations": ["a"]}"#,
      "'annotations'"
    ),
  ])
  func whatIsNoState(_ text: String, _ says: String) throws {
    let error = try #require(throws: NodeError.self) { try ContainerState(json: Array(text.utf8)) }
    #expect(says.isEmpty || error.message.contains(says), "\(error.message)")
  }

  @Test func tooMuch() {
    let long = Array(Self.text.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: ContainerState.maximumSize)
    #expect(throws: NodeError.self) { try ContainerState(json: long) }
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: ContainerState.maximumSize)
    #expect(throws: NodeError.self) { try ContainerState(json: deep) }
  }

  /// Bytes changed, dropped and doubled: an error, or a state that holds what it must.
  @Test func mutations() throws {
    var generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    var read = 0
    for _ in 0..<4000 {
      var bytes = Array(Self.text.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[place], at: place)
        }
      }
      guard let state = try? ContainerState(json: bytes) else { continue }
      read += 1
      #expect(state.pid > 1 && state.bundle.hasPrefix("/") && !state.id.isEmpty)
    }
    #expect(read > 0)
  }

  @Test func configuration() throws {
    let text = #"{"annotations": {"a": "b"}, "process": {"apparmorProfile": "armorc.x", "args": ["sh"]}}"#
    let configuration = try ContainerConfiguration(json: Array(text.utf8), name: "config.json")
    #expect(configuration == (try ContainerConfiguration(json: Array(text.utf8), name: "other")))
    #expect(configuration.profile == "armorc.x")
    #expect(configuration.annotations == ["a": "b"])
    #expect(try ContainerConfiguration(json: Array("{}".utf8), name: "config.json").profile == nil)
    let error = try #require(throws: NodeError.self) {
      try ContainerConfiguration(json: Array(#"{"process": {"apparmorProfile": 7}}"#.utf8), name: "config.json")
    }
    #expect(error.message.contains("process.apparmorProfile"))
  }
}
