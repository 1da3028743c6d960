import Glibc

// bench corpus DIR COUNT [SEED]   writes policies
// bench extremes DIR              writes one directory per case
// bench events DIR...             reads YAML with bare libyaml
// bench streams ARMORC SCRATCH    measures simulate alone
// bench report ARMORC [STATIC]    measures and prints the tables; BENCH_FULL=1 for everything
let arguments = CommandLine.arguments
do {
  switch arguments.dropFirst().first {
  case "corpus" where arguments.count >= 4:
    var corpus = Corpus(
      count: Int(arguments[3]) ?? 1000,
      seed: arguments.count > 4 ? UInt64(arguments[4]) ?? 1 : 1
    )
    let (bytes, files) = try corpus.write(to: arguments[2])
    print("\(bytes) bytes in \(files) files")
  case "extremes" where arguments.count == 3:
    for (number, one) in Extremes.cases.enumerated() {
      try Files.makeDirectories("\(arguments[2])/\(number)")
      try Files.write("\(arguments[2])/\(number)/policy.yaml", Array(one.text.utf8))
    }
  case "events" where arguments.count >= 3:
    let (documents, bytes) = try Events.count(Array(arguments.dropFirst(2)))
    print("\(documents) documents, \(bytes) bytes")
  case "streams" where arguments.count >= 4:
    try Report(
      bench: arguments[0],
      armorc: arguments[2],
      scratch: arguments[3],
      staticBinary: nil,
      isFull: unsafe getenv("BENCH_FULL") != nil
    ).streams()
  case "report" where arguments.count >= 4:
    let isFull = unsafe getenv("BENCH_FULL").map { unsafe String(cString: $0) } == "1"
    try Report(
      bench: arguments[0],
      armorc: arguments[2],
      scratch: arguments[3],
      staticBinary: arguments.count > 4 ? arguments[4] : nil,
      isFull: isFull
    ).print()
  default:
    print(
      "usage: bench corpus DIR COUNT [SEED] | extremes DIR | events DIR... | streams ARMORC SCRATCH | report ARMORC SCRATCH [STATIC]"
    )
    exit(2)
  }
} catch {
  print("bench: \(error)")
  exit(3)
}
