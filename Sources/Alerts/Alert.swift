/// One line about one event, with the fields of KubeArmor's alerts and logs. What is not known is nil or empty, and is
/// left out.
package struct Alert: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    case matchedPolicy = "MatchedPolicy"
    case matchedHostPolicy = "MatchedHostPolicy"
    case containerLog = "ContainerLog"
    case hostLog = "HostLog"
    case systemEvent = "SystemEvent"

    /// Logs tell of what was allowed and say nothing of policies.
    package var isLog: Bool { self == .containerLog || self == .hostLog }
  }

  package enum Operation: String, Hashable, Sendable, CaseIterable {
    case process = "Process"
    case file = "File"
    case network = "Network"
    case capabilities = "Capabilities"
    case syscall = "Syscall"
    case alertThreshold = "AlertThreshold"
  }

  package enum Action: String, Hashable, Sendable {
    case block = "Block"
    case audit = "Audit"
  }

  package enum Result: String, Hashable, Sendable {
    case passed = "Passed"
    case denied = "Permission denied"
    case notPermitted = "Operation not permitted"
  }

  package enum Enforcer: String, Hashable, Sendable {
    case bpf = "BPFLSM"
    case apparmor = "AppArmor"
  }

  /// Nanoseconds since 1970.
  package var time: Int
  package var kind: Kind
  package var operation: Operation
  package var place: AlertPlace
  /// The node that tells it.
  package var hostName = ""

  package var hostPID: Int?
  package var hostParent: Int?
  package var pid: Int?
  package var parent: Int?
  package var uid: Int?
  /// Paths.
  package var parentProcess: [UInt8] = []
  package var process: [UInt8] = []
  package var source: [UInt8] = []

  package var policy = ""
  /// 0: none is known.
  package var severity = 0
  package var tags: [String] = []
  package var message = ""

  package var resource: [UInt8] = []
  /// Words `key=value`, none of which a process can choose.
  package var data = ""
  /// Further facts, by name: what a process may have chosen too.
  package var details: [Detail] = []
  package var enforcer: Enforcer?
  package var action: Action?
  package var result: Result?

  package struct Detail: Hashable, Sendable {
    package var name: String
    package var value: [UInt8]
    package init(_ name: String, _ value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }

  package static let defaultPosture = "DefaultPosture"

  package init(time: Int, kind: Kind, operation: Operation, place: AlertPlace) {
    self.time = time
    self.kind = kind
    self.operation = operation
    self.place = place
  }
}

extension Alert {
  /// That events are missing from the stream: lost ones had no room in the ring buffer, those held back were over the
  /// rate, malformed ones were not understood.
  package static func missing(lost: UInt64, heldBack: UInt64, malformed: UInt64, time: Int, hostName: String) -> Alert {
    var alert = Alert(time: time, kind: .systemEvent, operation: .alertThreshold, place: AlertPlace(subject: ""))
    alert.hostName = hostName
    let counts = [("Lost", lost), ("HeldBack", heldBack), ("Malformed", malformed)].filter { $0.1 > 0 }
    alert.details = counts.map { Detail($0.0, Array(String($0.1).utf8)) }
    var words: [String] = []
    if lost > 0 { words.append("\(lost) lost (the ring buffer was full)") }
    if heldBack > 0 { words.append("\(heldBack) held back (over the rate)") }
    if malformed > 0 { words.append("\(malformed) not understood") }
    alert.message = "events missing: " + words.joined(separator: ", ")
    return alert
  }
}
