import Analysis
import IR

/// Any bytes as a stream of records: no trap, the same lines however the stream is cut, and a verdict for each event.
///
///     ARMORC_FUZZ=1 swift build -c release --sanitize fuzzer --sanitize address --product FuzzRecord \
///       -Xswiftc -use-ld=lld -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library
///     SWIFT_BACKTRACE=enable=no .build/release/FuzzRecord -max_total_time=60 -timeout=10 Tests/Fuzz/Regressions/FuzzRecord
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecord(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  // SAFETY: libFuzzer hands in `count` readable bytes that live for the call.
  let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  let whole = lines(input, cut: max(1, input.count))
  let pieces = lines(input, cut: 1 + Int(input.first ?? 0))
  precondition(whole.map(\.line) == pieces.map(\.line), "the lines depend on how the stream is cut")
  for (a, b) in zip(whole, pieces) { precondition(a.reading == b.reading, "line \(a.line) depends on the cut") }
  for case (_, .record(let record)) in whole {
    _ = record.event.description
    _ = verdicts?.decide(record.event)
  }
  return 0
}

private func lines(_ input: [UInt8], cut: Int) -> [(line: Int, reading: LineReading)] {
  var batcher = LineBatcher(size: 1 << 18)
  var batches: [LineBatch] = []
  var start = 0
  while start < input.count {
    let end = min(input.count, start + cut)
    batches += batcher.append(input[start..<end])
    start = end
  }
  if let last = batcher.finish() { batches.append(last) }
  return batches.flatMap(RecordReader.read)
}

/// A subject with rules of every class.
private let verdicts: SubjectVerdicts? = {
  let id = PolicyID(kind: .pod, namespace: "default", name: "fuzz")
  let targets: [Rule.Target] = [
    .process(.basename(Array("sh".utf8))), .file(.directory(.root, recursive: true, includesSelf: true)),
    .network(.tcp), .capability(.net_raw), .syscall(["unlink"], path: nil),
  ]
  let rules = targets.enumerated().map { position, target in
    Rule(
      target: target,
      action: position == 4 ? .audit : .block,
      ownerOnly: position == 1,
      origin: Origin(policy: id, position: position, path: "", location: Location(file: "", line: 1, column: 1))
    )
  }
  let selector = Selector.pods(PodSelector(namespaces: .one("default")))
  let policy = Policy(id: id, selector: selector, rules: rules, location: Location(file: "", line: 1, column: 1))
  return try? SubjectVerdicts(
    SubjectPolicy(name: "fuzz", subject: .selection(selector), policies: [policy], postures: Postures())
  )
}()
