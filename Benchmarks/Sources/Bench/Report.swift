import Glibc

/// Measures the command from outside and prints tables for people.
struct Report {
  let bench: String
  let armorc: String
  let scratch: String
  let staticBinary: String?
  let isFull: Bool

  private static let sizes = [1000, 10_000, 100_000]

  func print() throws(SystemFailure) {
    Swift.print("machine: \(Report.cores) cores, load \(Report.load); wall clock unless said otherwise")
    Swift.print(
      "memory is that of the largest process (at least 10 MB, this program's own); apparmor_parser alone has no features set"
    )
    Swift.print("'cpu x' is cpu over that of the size above; '~' marks figures extrapolated from there, not measured\n")
    try startUp()
    try scaling()
    try differences()
    try extremes()
    try streams()
  }

  private static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  private static var load: String {
    var loads = [0.0, 0.0, 0.0]
    return unsafe getloadavg(&loads, 3) == 3 ? Table.fixed(loads[0], 1) : "unknown"
  }

  // MARK: Start

  private func startUp() throws(SystemFailure) {
    let directory = "\(scratch)/start"
    try Files.makeDirectories(directory)
    var corpus = Corpus(count: 1)
    _ = try corpus.write(to: directory)
    guard let file = try Files.find(directory, suffix: ".yaml").first else { return }
    var table = Table(["start, median of 21", "wall", "cpu", "memory"])
    func row(_ name: String, _ command: [String]) throws(SystemFailure) {
      let run = try Run.median(21, command)
      table.row([name, Table.time(run.wall), Table.time(run.cpu), Table.size(run.memory)])
    }
    try row("baseline: /bin/true", ["/bin/true"])
    try row("--version", [armorc, "--version"])
    try row("lint, one file", [armorc, "lint", file])
    if let staticBinary {
      try row("static: --version", [staticBinary, "--version"])
      try row("static: lint, one file", [staticBinary, "lint", file])
    } else {
      Swift.print("no static binary ('make static'): its start is not measured")
    }
    for place in [Report.variable("BENCH_CORPUS") ?? "../shared/corpus/policies"] where unsafe access(place, R_OK) == 0
    {
      try row("lint, corpus of real policies", [armorc, "lint", place])
    }
    table.print()
  }

  private static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  // MARK: Scaling

  private struct Step {
    let name: String
    /// Largest size that a short run measures.
    let limit: Int
    let command: (_ policies: String, _ bundle: String) -> [String]
  }

  private func scaling() throws(SystemFailure) {
    let build = [armorc, "build", "--inexact", "allow", "--keep-going"]
    let parseAll =
      "find \"$1\" -name apparmor.profile -print0 | "
      + "xargs -0 -P \(Report.cores) -n 32 apparmor_parser -QKT --stdout -j 0 >/dev/null"
    let steps = [
      Step(name: "baseline: libyaml events", limit: 100_000) { policies, _ in [bench, "events", policies] },
      Step(name: "lint", limit: 100_000) { policies, _ in [armorc, "lint", "--format", "concise", policies] },
      Step(name: "build --no-check", limit: 10_000) { policies, bundle in
        build + ["--no-check", policies, "-o", bundle]
      },
      Step(name: "baseline: apparmor_parser", limit: 1000) { _, bundle in ["bash", "-c", parseAll, "bash", bundle] },
      Step(name: "build", limit: 1000) { policies, bundle in build + [policies, "-o", "\(bundle)-checked"] },
      Step(name: "verify", limit: 1000) { _, bundle in [armorc, "verify", bundle] },
    ]
    var last: [String: (run: (wall: Double, cpu: Double), isMeasured: Bool)] = [:]
    for size in Report.sizes {
      let policies = "\(scratch)/policies-\(size)"
      let bundle = "\(scratch)/bundle-\(size)"
      try Files.makeDirectories(policies)
      var corpus = Corpus(count: size)
      let (bytes, files) = try corpus.write(to: policies)
      var table = Table([
        "\(Table.grouped(size)) policies, \(Table.size(bytes)), \(Table.grouped(files)) files", "wall", "cpu",
        "policies/s", "per policy", "memory", "cpu x",
      ])
      for step in steps {
        let before = last[step.name]
        guard size <= step.limit || isFull else {
          guard let before else { continue }
          let wall = before.run.wall * 10
          table.row([
            step.name, "~" + Table.time(wall), "", "~" + Table.rate(Double(size) / wall),
            "~" + Table.time(wall / Double(size)), "", "",
          ])
          last[step.name] = ((wall, before.run.cpu * 10), false)
          continue
        }
        let run = try Run.of(step.command(policies, bundle), output: "\(scratch)/output")
        if run.status > 1 { Swift.print("note: \(step.name) on \(size) policies ended with status \(run.status)") }
        let growth = before.map { $0.isMeasured ? Table.fixed(run.cpu / $0.run.cpu, 1) : "" } ?? ""
        table.row([
          step.name, Table.time(run.wall), Table.time(run.cpu), Table.rate(Double(size) / run.wall),
          Table.time(run.wall / Double(size)), Table.size(run.memory), growth,
        ])
        last[step.name] = ((run.wall, run.cpu), true)
      }
      table.print()
    }
  }

  // MARK: Streams

  /// `simulate` from file to totals, at a size and at ten times the size: memory must not grow.
  func streams() throws(SystemFailure) {
    let policies = "\(scratch)/stream.yaml"
    try Files.write(policies, Array(Streams.policies.utf8))
    let small = isFull ? 1_000_000 : 200_000
    var table = Table(["simulate --summary", "lines", "wall", "cpu", "lines/s", "lines/s of cpu", "memory"])
    for form in Streams.forms {
      for count in [small, small * 10] {
        let stream = "\(scratch)/stream"
        try Streams.write(form, count: count, to: stream)
        let run = try Run.of([armorc, "simulate", policies, "--events", stream, "--summary"])
        if run.status != 0 { Swift.print("note: simulate on \(form) ended with status \(run.status)") }
        table.row([
          form, Table.grouped(count), Table.time(run.wall), Table.time(run.cpu), Table.rate(Double(count) / run.wall),
          Table.rate(Double(count) / run.cpu), Table.size(run.memory),
        ])
      }
    }
    table.print()
  }

  // MARK: Differences

  /// Two trees of policies, in directories of their own and as revisions of a repository.
  private func differences() throws(SystemFailure) {
    var table = Table(["diff of two trees", "wall", "cpu", "policies/s", "memory", "cpu x", "status"])
    for (name, changedEvery) in [("equal", nil), ("1 % changed", 100), ("all changed", 1)] as [(String, Int?)] {
      var last: Double?
      for size in [1000, 10_000] {
        let (old, new) = ("\(scratch)/diff-old-\(size)", "\(scratch)/diff-new-\(size)-\(changedEvery ?? 0)")
        var corpus = Corpus(count: size)
        _ = try corpus.write(to: old)
        corpus = Corpus(count: size, changedEvery: changedEvery)
        _ = try corpus.write(to: new)
        let run = try Run.of([armorc, "diff", old, new], output: "\(scratch)/output")
        let growth = last.map { Table.fixed(run.cpu / $0, 1) } ?? ""
        table.row([
          "\(Table.grouped(size)) policies each, \(name)", Table.time(run.wall), Table.time(run.cpu),
          Table.rate(Double(size) / run.wall), Table.size(run.memory), growth, "\(run.status)",
        ])
        last = run.cpu
      }
    }
    let repository = "\(scratch)/diff-repository"
    let commit = """
      git init -q "$1" && cp -r "$2" "$1/policies" && cd "$1" && git add -A &&
      git -c user.name=bench -c user.email=bench@example.com commit -qm old && rm -r policies && cp -r "$3" policies
      """
    let trees = ["\(scratch)/diff-old-10000", "\(scratch)/diff-new-10000-100"]
    if try Run.of(["bash", "-c", commit, "bash", repository] + trees).status == 0 {
      let script = "cd \"$1\" && exec \"$2\" diff HEAD"
      let path = armorc.hasPrefix("/") ? armorc : Report.variable("PWD").map { "\($0)/\(armorc)" } ?? armorc
      let run = try Run.of(["bash", "-c", script, "bash", repository, path], output: "\(scratch)/output")
      table.row([
        "10,000 in git and the work tree, 1 % changed", Table.time(run.wall), Table.time(run.cpu),
        Table.rate(10_000 / run.wall), Table.size(run.memory), "", "\(run.status)",
      ])
    }
    table.print()
  }

  // MARK: Extremes

  private func extremes() throws(SystemFailure) {
    var table = Table(["one subject", "lint", "build --no-check", "memory", "build", "verify", "result"])
    for (number, one) in Extremes.cases.enumerated() {
      let policies = "\(scratch)/extreme-\(number)"
      let bundle = "\(scratch)/extreme-\(number)-bundle"
      let output = "\(scratch)/output"
      try Files.makeDirectories(policies)
      try Files.write("\(policies)/policy.yaml", Array(one.text.utf8))
      let lint = try Run.of([armorc, "lint", policies])
      let build = [armorc, "build", "--inexact", "allow", policies, "-o", bundle]
      let plain = try Run.of(build + ["--no-check"], output: output)
      var cells = [one.name, Table.time(lint.wall), Table.time(plain.wall), Table.size(plain.memory)]
      if plain.status == 0 {
        let checked = try Run.of(build, output: output)
        cells.append(Table.time(checked.wall))
        if checked.status == 0 {
          let verify = try Run.of([armorc, "verify", bundle], output: output)
          cells += [Table.time(verify.wall), verify.status == 0 ? "proved" : "verify: status \(verify.status)"]
        } else {
          cells += ["", "refused by apparmor_parser"]
        }
      } else {
        let words = String(decoding: try Files.read(output), as: UTF8.self)
        cells += ["", "", words.contains("policy.yaml:") ? "refused, rules named" : "status \(plain.status)"]
      }
      table.row(cells)
    }
    table.print()
  }
}
