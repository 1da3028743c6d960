import Analysis
import Automata
import IR

@MainActor func time<T>(_ name: String, _ f: () throws -> T) rethrows -> T {
  var best = Duration.seconds(100)
  var r: T?
  for _ in 0..<5 {
    let t = ContinuousClock.now
    r = try f()
    best = min(best, ContinuousClock.now - t)
  }
  print(name, best)
  return r!
}
var state: UInt64 = 7
@MainActor func next() -> UInt64 {
  state &+= 0x9E37_79B9_7F4A_7C15
  var mixed = state
  mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
  mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
  return mixed ^ mixed >> 31
}
@MainActor func below(_ n: Int) -> Int { Int(next() % UInt64(n)) }
let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789-")
@MainActor func rpath() -> String {
  (0..<(3 + below(3))).map { _ in "/x" + String((0..<(3 + below(6))).map { _ in letters[below(letters.count)] }) }.joined()
}
for n in [1000, 2000] {
  let lits = (0..<n).map { _ in PathSet.literal(BytePath(rpath())!) }
  let dirs = (0..<n).map { _ in PathSet.directory(BytePath(rpath())!, recursive: below(2) == 0, includesSelf: true) }
  let mixed = Array(lits.prefix(n * 6 / 10)) + Array(dirs.prefix(n * 4 / 10))
  for (name, sets) in [("lits", lits), ("dirs", dirs), ("mixed", mixed)] {
    let p = try time("\(n) \(name) partition") { try Partition.unminimised(sets.map(\.language) + [.absolutePath]) }
    print(p.classifier.stateCount, p.classifier.byteClassCount, p.members.count)
    _ = time("  languages") { sets.map(\.language).count }
    _ = time("  witnesses") { p.classifier.shortestWitnesses().count }
    _ = time("  relabel") { p.classifier.relabelled { $0 & 1 }.stateCount }
    let id = PolicyID(kind: .pod, namespace: "default", name: "p")
    let rules = sets.enumerated().map { i, s in Rule(target: .file(s), action: .block, origin: Origin(policy: id, position: i, path: "x\(i)", location: Location(file: "f", line: 1, column: 1))) }
    _ = try time("  table") { try DecisionTable(rules: rules, postures: Postures()).pathClassCount }
    let ev = Evaluator(SubjectPolicy(name: "x", subject: .selection(.nothing), policies: [Policy(id: id, selector: .nothing, rules: rules, location: Location(file: "f", line: 1, column: 1))], postures: Postures()))
    _ = time("  eval") { ev.decide(Event(source: nil, access: .path(.read, BytePath("/xabc/xdef")!))) }
    _ = time("  clauses") { rules.flatMap(Clause.lower).count }
    _ = time("  hash rules") { Set(rules).count }
  }
}
