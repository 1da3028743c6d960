import Analysis
import Glibc
import IR

// Judges events in memory on one thread, as `simulate` does after reading them, and reads records without judging them.

let names = ["apt", "sh", "nginx", "curl", "python3", "node", "openssl", "cat"]

func path(_ number: Int) -> BytePath {
  BytePath("/usr/lib/x86_64-linux-gnu/part\(number % 97)/module\(number).so") ?? .root
}

/// A subject of so many rules for each of eight applications.
func policies(_ count: Int) -> [Policy] {
  (0..<8).map { app in
    let id = PolicyID(kind: .pod, namespace: "shop", name: "app-\(app)")
    let rules = (0..<count).map { number in
      let target: Rule.Target =
        switch number % 4 {
        case 0: .process(.literal(path(number)))
        case 1: .file(.directory(path(number), recursive: true, includesSelf: true))
        default: .file(.literal(path(number)))
        }
      let source = BytePath("/usr/bin/\(names[number % names.count])")
      return Rule(
        target: target,
        sources: number % 8 == 7 ? source.map { [.literal($0)] } ?? [] : [],
        action: .block,
        ownerOnly: number % 16 == 1,
        origin: Origin(
          policy: id,
          position: number,
          path: "spec[\(number)]",
          location: Location(file: "bench.yaml", line: number, column: 1)
        )
      )
    }
    return Policy(
      id: id,
      selector: .pods(PodSelector(namespaces: .one("shop"), labels: [LabelPair("app", "app-\(app)")])),
      rules: rules,
      location: Location(file: "bench.yaml", line: 1, column: 1)
    )
  }
}

func alert(_ number: Int) -> String {
  #"{"Timestamp":1767225600,"UpdatedTime":"2026-01-01T00:00:00.000000Z","ClusterName":"default","HostName":"worker-1","#
    + #""NamespaceName":"shop","Owner":{"Ref":"Deployment","Name":"app","Namespace":"shop"},"PodName":"app-7c9d5b6f4-x8k2p","#
    + #""Labels":"app=app-\#(number % 8)","ContainerID":"e8ac2e227d293e76ab81a34945b68f72a2618ed3275ac64bb6a82f9cd2d014f1","#
    + #""ContainerName":"main","ContainerImage":"registry.example/app:1","HostPPID":2511,"HostPID":2519,"PPID":12,"PID":19,"#
    + #""ParentProcessName":"/bin/sh","ProcessName":"/usr/bin/\#(names[number % names.count])","Type":"ContainerLog","#
    + #""Source":"/usr/bin/\#(names[number % names.count]) -x","Operation":"File","Resource":"\#(path(number % 4000))","#
    + #""Data":"syscall=SYS_OPENAT fd=-100 flags=O_RDONLY|O_CLOEXEC","Result":"Passed"}"#
}

func own(_ number: Int) -> String {
  #"{"event":"read \#(path(number % 4000)) from /usr/bin/\#(names[number % names.count])","#
    + #""subject":{"namespace":"shop","labels":{"app":"app-\#(number % 8)"},"container":"main"}}"#
}

func audit(_ number: Int) -> String {
  #"type=AVC msg=audit(1767225600.123:\#(number)): apparmor="DENIED" operation="open" class="file" "#
    + #"profile="armorc.shop.app-\#(number % 8)" name="\#(path(number % 4000))" pid=12 comm="cat" requested_mask="r" "#
    + #"denied_mask="r" fsuid=33 ouid=0"#
}

/// Of this thread on a core: what others do on the machine does not count.
func seconds(_ body: () -> Void) -> Double {
  func now() -> Double {
    var time = timespec()
    // clock_gettime fills exactly this one value.
    guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
  let start = now()
  body()
  return now() - start
}

func grouped(_ value: Double) -> String {
  var digits = Array(String(Int(value)))
  for index in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: index) }
  return String(digits)
}

let count = 100_000
let side = PolicySide(policies: policies(200), context: ClusterContext())
print("simulate, one thread (its own time), 8 workloads of 200 rules each")
for (name, line) in [("KubeArmor alerts", alert), ("armorc's JSON", own), ("AppArmor audit records", audit)] {
  var batcher = LineBatcher()
  var batches: [LineBatch] = []
  for number in 0..<count { batches += batcher.append(Array((line(number) + "\n").utf8)[...]) }
  if let last = batcher.finish() { batches.append(last) }
  var records: [Record] = []
  let reading = seconds {
    for batch in batches {
      for (_, reading) in RecordReader.read(batch) { if case .record(let record) = reading { records.append(record) } }
    }
  }
  precondition(records.count == count)
  let replay = Replay(WorkloadRulings(side))
  var judge = ReplayJudge(replay)
  for record in records.prefix(8) { _ = judge.judge(record) }
  var blocked = 0
  let rounds = 10
  let judging = seconds {
    for _ in 0..<rounds {
      for record in records {
        if case .judged(_, let now, _) = judge.judge(record), now.judgement.verdict == .block { blocked += 1 }
      }
    }
  }
  print(
    "  \(name): \(grouped(Double(count) / reading)) lines/s read, "
      + "\(grouped(Double(count * rounds) / judging)) parsed events/s judged (\(blocked / rounds) of \(count) blocked)"
  )
}
