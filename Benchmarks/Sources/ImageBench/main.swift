import Backends
import Bundle
import Glibc
import IR
import _ImageTestSupport
import _PolicyTestSupport

// Map images: sizes and times by number of rules; `pairs N` and `mutants N` run the generated checks at full length.

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let taken = try clock.measure(body)
  return Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
}

/// With three decimals.
func text(_ number: Double) -> String {
  let thousandths = Int(number * 1000 + 0.5)
  let fraction = String(thousandths % 1000)
  return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
}

func sizes() throws {
  print("literals  policies  table s   image s   read s    verify s  states    slots     image bytes  file bytes  tier")
  for count in [10, 100, 1000, 10_000] {
    for perRule in [false, true] {
      let subject = literalSubject(scatteredPaths(count), perRule: perRule)
      let budget = TableBudget()
      var tables: [DecisionTable] = []
      let table = try seconds { tables = [try DecisionTable(subject, budget: budget)] }
      var artifacts: [BPFArtifact] = []
      let write = try seconds { artifacts = [try BPFBackend.emit(subject, tables[0])] }
      var images: [MapImage] = []
      let read = try seconds { images = [try ImageReader.read(artifacts[0].bytes)] }
      let verify = try seconds {
        let proof = try ImageVerification(images[0], tables[0], subject: subject.name)
        guard proof.isProved else { fatalError("\(proof.differences) \(proof.defects)") }
      }
      let columns = [
        "\(count)", perRule ? "\(count)" : "1", text(table), text(write), text(read), text(verify),
        "\(artifacts[0].states)", "\(artifacts[0].slots)", "\(artifacts[0].imageBytes)   ",
        "\(artifacts[0].bytes.count)  ",
        "\(artifacts[0].tier)",
      ]
      print(columns.map { $0 + String(repeating: " ", count: max(1, 10 - $0.count)) }.joined())
    }
  }
  // The walk, by the length of the path.
  let subject = literalSubject(scatteredPaths(1000))
  let image = try ImageReader.read(BPFBackend.emit(subject, DecisionTable(subject)).bytes)
  let paths = scatteredPaths(1000).compactMap { BytePath($0) }
  var blocked = 0
  let taken = seconds {
    for _ in 0..<1000 {
      for path in paths {
        if image.decide(Event(source: nil, access: .path(.read, path))).verdict == .block { blocked += 1 }
      }
    }
  }
  print(
    "user-space matcher: \(text(taken * 1000)) ns per decision on paths of 50 bytes, walked to the end (\(blocked))"
  )
}

func pairs(_ count: Int) throws {
  var random = RandomPolicy(SeededGenerator.fresh([:]))
  var done = 0
  while done < count {
    let subject = random.subject()
    let rules = subject.rules
    let table = try DecisionTable(subject)
    let evaluator = Evaluator(subject)
    let image = try ImageReader.read(BPFBackend.emit(subject, table).bytes)
    let proof = try ImageVerification(image, table, subject: subject.name)
    guard proof.isProved else { fatalError("\(proof.differences) \(proof.defects)\n\(subject)") }
    for _ in 0..<500 {
      let event = random.event()
      let decision = evaluator.decide(event)
      guard table.decide(event) == decision, image.decide(event) == inRecords(decision, rules) else {
        fatalError("\(event)\n\(subject)")
      }
      done += 1
    }
  }
  print("\(done) pairs: evaluator, table and image agree")
}

func mutants(_ count: Int) throws {
  var random = RandomPolicy(SeededGenerator.fresh([:]))
  var refused = 0
  var accepted = 0
  while refused + accepted < count {
    let subject = random.subject()
    let original = try BPFBackend.emit(subject, DecisionTable(subject)).bytes
    for _ in 0..<2000 {
      let mutant = ImageMutation.mutate(original, using: &random.generator)
      if ImageProperty.check(mutant, events: [random.event(), random.event()]) == nil {
        accepted += 1
      } else {
        refused += 1
      }
    }
  }
  print("\(refused + accepted) mutants: \(refused) refused, \(accepted) accepted, none trapped")
}

let arguments = CommandLine.arguments.dropFirst()
let count = arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000
switch arguments.first {
case "pairs": try pairs(count)
case "mutants": try mutants(count)
default: try sizes()
}
