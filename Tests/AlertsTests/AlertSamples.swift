import Bundle
import IR

@testable import Alerts

/// Events and subjects that tests begin with.
enum Samples {
  static let boot = 1_767_225_600_000_000_000

  static func event(
    _ hook: MatcherHook,
    _ resourceClass: ResourceClass,
    _ operation: PathOperation = .read,
    path: String = "",
    mode: UInt32 = 0,
    protocolNumber: UInt32 = 0,
    cell: ImageCell = ImageCell(.block, record: 0),
    trouble: MatcherTrouble? = nil
  ) -> MatcherEvent {
    MatcherEvent(
      time: 12_345_678_000,
      cgroup: 77,
      pidNamespace: 4_026_531_836,
      mountNamespace: 4_026_531_841,
      domain: 3,
      generation: 9,
      hostPID: 4711,
      hostParent: 4700,
      pid: 11,
      parent: 1,
      uid: 33,
      ownerUID: 0,
      isOwner: false,
      mode: mode,
      protocolNumber: protocolNumber,
      cell: cell,
      resourceClass: resourceClass,
      operation: operation,
      hook: hook,
      trouble: trouble,
      path: Array(path.utf8),
      source: Array("/usr/bin/node".utf8),
      command: Array("node".utf8),
      parentCommand: Array("sh".utf8)
    )
  }

  static var subject: AlertSubject {
    var place = AlertPlace(subject: "shop.cart.cart")
    place.namespace = "shop"
    place.ownerKind = "Deployment"
    place.ownerName = "cart"
    place.container = "cart"
    return AlertSubject(
      place: place,
      records: [
        ImageRecord(
          kind: .pod,
          namespace: "shop",
          name: "cart-files",
          severity: 7,
          tags: ["NIST", "PCI \"4\""],
          message: "hands off",
          action: .block,
          resourceClass: .file
        ),
        ImageRecord(
          kind: .pod,
          namespace: "shop",
          name: "cart-audit",
          severity: 0,
          tags: [],
          message: "",
          action: .audit,
          resourceClass: .file
        ),
      ]
    )
  }

  static func alert(_ event: MatcherEvent, _ subject: AlertSubject = subject) -> Alert {
    Alert(event, subject, boot: boot, hostName: "worker-1")
  }

  static func text(_ alert: Alert, _ format: AlertWriter.Format = .json) -> String {
    var writer = AlertWriter(format)
    var out: [UInt8] = []
    writer.append(alert, to: &out)
    return String(decoding: out, as: UTF8.self)
  }
}
