import Analysis
import Automata
import Glibc
import IR

// Compares two subjects in memory, as `diff` does after reading them.

/// Rules such as people write: most paths written out, directories, few patterns, some with sources.
struct Rules {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  private mutating func path() -> BytePath {
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789-")
    let tops = ["/usr/bin", "/usr/lib", "/etc", "/var/lib", "/var/log", "/opt", "/srv/www", "/home", "/run"]
    var text = tops[below(tops.count)]
    for _ in 0..<(1 + below(3)) {
      text += "/"
      for _ in 0..<(3 + below(7)) { text.append(letters[below(letters.count)]) }
    }
    return BytePath(text) ?? .root
  }

  private mutating func set(isFile: Bool, patterns: Int) -> PathSet {
    let roll = below(100)
    if roll < patterns {
      let path = self.path()
      let text = below(2) == 0 ? "\(path)/*.conf" : below(2) == 0 ? "\(path)*/cache/**" : "/**\(path)"
      if let glob = try? Glob(Array(text.utf8)) { return .glob(glob) }
    }
    return roll < 40 ? .directory(path(), recursive: below(2) == 0, includesSelf: isFile) : .literal(path())
  }

  mutating func rules(_ count: Int, patterns: Int) -> [Rule] {
    let policy = PolicyID(kind: .pod, namespace: "default", name: "bench")
    return (0..<count).map { number in
      let isFile = below(10) < 6
      let set = set(isFile: isFile, patterns: patterns)
      let source = ["/usr/bin/bash", "/bin/sh", "/usr/sbin/nginx"][below(3)]
      return Rule(
        target: isFile ? .file(set) : .process(set),
        sources: below(8) == 0 ? BytePath(source).map { [.literal($0)] } ?? [] : [],
        action: .block,
        ownerOnly: below(20) == 0,
        readOnly: isFile && below(6) == 0,
        origin: Origin(
          policy: policy,
          position: number,
          path: "spec.file.matchPaths[\(number)]",
          location: Location(file: "bench.yaml", line: number + 1, column: 1)
        )
      )
    }
  }
}

func subject(_ rules: [Rule], _ postures: Postures = Postures()) -> SubjectPolicy {
  let id = PolicyID(kind: .pod, namespace: "default", name: "bench")
  let location = Location(file: "bench.yaml", line: 1, column: 1)
  return SubjectPolicy(
    name: "bench",
    subject: .selection(.pods(PodSelector(namespaces: .one("default")))),
    policies: [Policy(id: id, selector: .nothing, rules: rules, location: location)],
    postures: postures
  )
}

/// Milliseconds that this process has computed, so that a busy machine does not count.
func cpu() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
}

func report(_ name: String, _ old: SubjectPolicy, _ new: SubjectPolicy) throws {
  if let wanted = CommandLine.arguments.dropFirst().first, !name.contains(wanted) { return }
  let pair = SubjectPair(name: "bench", presence: .both, old: old, new: new)
  let comparison = SubjectComparison(old: old.policies, new: new.policies)
  var times: [Double] = []
  var entries = 0
  var inexact = 0
  for _ in 0..<7 {
    let start = cpu()
    let diff = try comparison.compare(pair)
    times.append(cpu() - start)
    entries = diff.entries.count
    inexact = diff.entries.flatMap(\.regions).count {
      if case .paths(_, let l) = $0.objects { !l.isExact } else { false }
    }
    if let problem = diff.problem { print(problem) }
  }
  let best = times.min() ?? 0
  func fixed(_ ms: Double) -> String { "\(Int(ms)).\(Int(ms * 100) / 10 % 10)\(Int(ms * 100) % 10) ms" }
  print(
    name + String(repeating: " ", count: max(1, 56 - name.count)),
    fixed(best),
    "\(entries) entries, \(inexact) inexact"
  )
}

for count in [1000, 10_000] {
  for patterns in [0, 3] {
    var random = Rules(seed: 7)
    let old = random.rules(count, patterns: patterns)
    func changed(_ percent: Int, _ change: (Rule) -> Rule) -> [Rule] {
      old.enumerated().map { $0 * 7919 % 100 < percent ? change($1) : $1 }
    }
    let title = "\(count) rules, \(patterns) % patterns"
    try report("\(title), the same", subject(old), subject(changed(0) { $0 }))
    let shuffled = subject(old.reversed())
    try report("\(title), reversed", subject(old), shuffled)
    for percent in [1, 20, 100] {
      func audited(_ rule: Rule) -> Rule {
        var rule = rule
        rule.action = .audit
        return rule
      }
      try report("\(title), \(percent) % Audit", subject(old), subject(changed(percent, audited)))
      let others = random.rules(count, patterns: patterns)
      let replaced = changed(percent) { others[$0.origin.position] }
      try report("\(title), \(percent) % replaced", subject(old), subject(replaced))
    }
    var allowing = old
    allowing[0].action = .allow
    try report("\(title), first Allow", subject(old), subject(allowing))
    let allowed = old.map { rule in
      var rule = rule
      rule.action = .allow
      return rule
    }
    try report("\(title), posture", subject(allowed), subject(allowed, Postures(file: .block)))
  }
}
