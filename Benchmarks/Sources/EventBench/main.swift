import Alerts
import Bundle
import Glibc
import IR

// Events as they lie in the ring buffer to lines as they leave, on one thread: decoding, finding the rule, filtering,
// writing.

let sources = ["/usr/bin/node", "/usr/bin/python3.11", "/usr/sbin/nginx", "/bin/sh"]

func event(_ number: Int) -> [UInt8] {
  let kinds: [(MatcherHook, ResourceClass, PathOperation)] = [
    (.open, .file, .read), (.open, .file, .write), (.exec, .process, .exec), (.connect, .network, .read),
    (.capable, .capabilities, .read), (.unlink, .file, .write),
  ]
  let (hook, resourceClass, operation) = kinds[number % kinds.count]
  let hasPath = resourceClass == .file || resourceClass == .process
  let path = "/usr/lib/x86_64-linux-gnu/part\(number % 97)/module\(number % 4000).so"
  let mode: UInt32 =
    switch hook {
    case .connect: 2 << 16 | 1 << 8
    case .capable: 13
    default: 0o2100000
    }
  // An event of nothing, which says how long it is and has a hook.
  var bytes = [UInt8](repeating: 0, count: MatcherEvent.headerSize)
  bytes[32] = UInt8(MatcherEvent.headerSize)
  bytes[80] = MatcherHook.exec.rawValue
  guard var event = try? MatcherEvent(bytes[...]) else { preconditionFailure("no event") }
  event.time = UInt64(number) * 10_000
  event.domain = UInt32(number % 8 + 1)
  event.generation = 1
  event.hostPID = UInt32(number % 30_000 + 300)
  event.hostParent = 2511
  event.pid = UInt32(number % 300 + 2)
  event.parent = 1
  event.uid = 33
  event.mode = mode
  event.protocolNumber = hook == .connect ? 6 : 0
  event.cell = number % 3 == 0 ? ImageCell(.audit, posture: resourceClass) : ImageCell(.block, record: number % 20)
  event.resourceClass = resourceClass
  event.operation = operation
  event.hook = hook
  event.path = hasPath ? Array(path.utf8) : []
  event.source = Array(sources[number % sources.count].utf8)
  event.command = Array("node".utf8)
  event.parentCommand = Array("sh".utf8)
  return event.encoded
}

func subject(_ number: Int) -> AlertSubject {
  var place = AlertPlace(subject: "shop.app-\(number).main")
  place.namespace = "shop"
  place.ownerKind = "Deployment"
  place.ownerName = "app-\(number)"
  place.container = "main"
  let records = (0..<20).map { record in
    ImageRecord(
      kind: .pod,
      namespace: "shop",
      name: "policy-\(record)",
      severity: record % 10 + 1,
      tags: ["NIST", "MITRE_T1552"],
      message: "access to a protected file",
      action: .block,
      resourceClass: .file
    )
  }
  return AlertSubject(place: place, records: records)
}

/// Of this thread on a processor, in seconds: other work on the machine does not count.
func busy() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let subjects = (0..<9).map(subject)
let events = (0..<50_000).map(event)
let rounds = 10

func measure(_ name: String, _ format: AlertWriter.Format, _ filter: AlertFilter = AlertFilter()) {
  var stream = AlertStream(format, filter: filter)
  var bytes = 0
  let start = busy()
  for _ in 0..<rounds {
    for (index, event) in events.enumerated() {
      stream.add(event[...], boot: 1_767_225_600_000_000_000, hostName: "worker-1") { subjects[Int($0.domain)] }
      if index % 4096 == 0 { bytes += stream.takeOutput().count }
    }
    bytes += stream.takeOutput().count
  }
  let seconds = busy() - start
  precondition(stream.malformed == 0)
  let total = Double(events.count * rounds)
  print(
    "  \(name): \(Int(total / seconds / 1000)),000 events/s, \(Int(seconds * 1e9 / total)) ns each, "
      + "\(bytes / max(1, stream.written)) bytes a line"
  )
}

print("events, decoded and written on one thread")
measure("JSON", .json)
measure("JSON, KubeArmor's own casing", .jsonFile)
measure("karmor's text", .text)
var severe = AlertFilter()
severe.severityAtLeast = 10
measure("JSON, one in thirty wanted", .json, severe)

let line = Array(
  (#"type=AVC msg=audit(1767225600.123:42): apparmor="DENIED" operation="open" class="file" "#
    + #"profile="armorc.shop.app-1.main" name="/etc/shadow" pid=12 comm="cat" requested_mask="r" denied_mask="r" "#
    + #"fsuid=33 ouid=0"#).utf8
)
var stream = AlertStream(.json)
let count = 100_000
let start = busy()
for _ in 0..<count {
  guard case .denial(let denial) = AppArmorDenial.read(line[...]) else { preconditionFailure("no denial") }
  stream.add(Alert(denial, subjects[1].place, hostName: "worker-1"))
  if stream.written % 4096 == 0 { _ = stream.takeOutput() }
}
let seconds = busy() - start
print("  AppArmor's messages: \(Int(Double(count) / seconds / 1000)),000 lines/s")
