import Backends
import Bundle
import Foundation
import IR
import Runtime
import Testing
import _ImageTestSupport
import _PolicyTestSupport

/// The compiled program, run by this machine's kernel, as the fourth to decide beside evaluator, decision table and image
/// reader. Says so and is skipped where `bpf()` is not permitted.
@Suite(.enabled(if: CompiledMatcher.isPermitted, "the compiled matcher cannot be run here"), .serialized)
struct CompiledMatcherTests {
  private static let environment = ProcessInfo.processInfo.environment
  /// A million pairs with ARMORC_FULL=1 (`make test-full`).
  private static let isFull = environment["ARMORC_FULL"] == "1"
  private static let pairs = isFull ? 1_000_000 : 20_000
  private static let perSubject = 400

  /// All four say the same of random events: the verdict, who decides, and the classes that led there.
  @Test func agreesOnRandomPairs() throws {
    var wide = WideEvents(SeededGenerator.fresh(Self.environment))
    print("CompiledMatcherTests.agreesOnRandomPairs seed \(wide.random.generator.seed)")
    var matcher = try CompiledMatcher()
    var count = Tally()
    for _ in 0..<Self.pairs / Self.perSubject {
      let subject = wide.random.subject()
      let rules = subject.rules
      let table = try DecisionTable(subject)
      let evaluator = Evaluator(subject)
      let image = try ImageReader.read(BPFBackend.emit(subject, table).bytes)
      let tier = wide.tier()
      let loaded = try matcher.load(image, key: wide.random.generator.next(), tier: tier)
      count.tiers[max(image.tier, tier), default: 0] += 1
      var events: [Event] = []
      var questions: [ImageQuestion] = []
      while events.count < Self.perSubject {
        let event = wide.event()
        guard let question = wide.question(event, image, loaded.key) else { continue }
        events.append(event)
        questions.append(question)
      }
      let answers = try matcher.ask(questions)
      #expect(answers.count == events.count)
      for ((event, question), answer) in zip(zip(events, questions), answers) {
        let decision = evaluator.decide(event)
        let wanted = inRecords(decision, rules)
        let isSame =
          table.decide(event) == decision && image.decide(event) == wanted && image.decision(answer.cell) == wanted
          && answer.isDenied == (decision.verdict == .block) && answer == image.answer(question, loaded)
        if !isSame {
          Issue.record(
            """
            \(event): evaluator \(decision), table \(table.decide(event)), image \(image.decide(event)), program \(answer); \
            asked: \(question)
            \(subject)
            """
          )
        }
        count.add(event, question, decision.verdict, isNamed: event.source.map(image.sources.contains))
      }
      // What is no event, between the last two of the four: no paths at all, paths too long, objects without one.
      let paths = questions.map(\.path)
      let strings = ImageWitnesses(sources: [], paths: paths, callSources: [], callPaths: [])
      let seed = wide.random.generator.next()
      var draw = QuestionDraw(image, loaded, near: strings, seed: seed)
      let others = (0..<Self.perSubject / 8).map { _ in draw.question() }
      for (question, answer) in zip(others, try matcher.ask(others)) {
        let wanted = image.answer(question, loaded)
        #expect(answer == wanted, "\(question)\n\(subject)")
        count.add(question, wanted)
      }
    }
    print("CompiledMatcherTests: \(Self.pairs) pairs, \(count)")
    #expect(count.isWide)
  }

  /// The program follows any image that the reader accepts, a wrong one too, in whatever it can be asked: strings that are
  /// no paths, objects without a path, paths too long, sources known by their hash or not at all.
  @Test func followsChangedImages() throws {
    var random = RandomPolicy(SeededGenerator.fresh(Self.environment))
    var matcher = try CompiledMatcher()
    var accepted = 0
    var asked = 0
    var wrong = 0
    while accepted < (Self.isFull ? 2000 : 60) {
      let subject = random.subject()
      let table = try DecisionTable(subject)
      let original = try BPFBackend.emit(subject, table).bytes
      for _ in 0..<40 {
        guard let image = try? ImageReader.read(ImageMutation.mutate(original, using: &random.generator)) else {
          continue
        }
        accepted += 1
        let proof = try ImageVerification(image, table, subject: subject.name)
        let seed = random.generator.next()
        let run = try ProgramVerification(image, proof.witnesses, generated: 500, seed: seed, using: &matcher)
        #expect(run.agrees, "\(run.differences)\n\(subject)")
        asked += run.witnesses + run.generated
        // What is wrong with the image shows in what the program answers.
        if proof.differences.isEmpty { continue }
        _ = try matcher.load(image, key: seed)
        let events = Self.events(proof.witnesses, table)
        let questions = events.map { ImageQuestion($0, from: .classes(image.classes(of: $0.source))) }
        let answers = try matcher.ask(questions.compactMap(\.self))
        #expect(answers.count == events.count)
        let differing = zip(events, answers).count { event, answer in
          image.decision(answer.cell) != inRecords(table.decide(event), subject.rules)
        }
        // None where only strings that are no paths are decided otherwise.
        let wanted = events.count { image.decide($0) != inRecords(table.decide($0), subject.rules) }
        #expect(differing == wanted, "\(proof.differences)\n\(subject)")
        if wanted > 0 { wrong += 1 }
      }
    }
    print("CompiledMatcherTests: \(accepted) changed images, \(asked) questions, \(wrong) images noticed to be wrong")
    #expect(wrong > 5)
  }

  /// An event for every cell.
  private static func events(_ witnesses: ImageWitnesses, _ table: DecisionTable) -> [Event] {
    func paths(_ strings: [[UInt8]]) -> [BytePath?] { [nil] + strings.compactMap { BytePath($0) } }
    var events: [Event] = []
    for source in paths(witnesses.sources) {
      for case let path? in paths(witnesses.paths) {
        for operation in PathOperation.allCases {
          for isOwner in [false, true] {
            events.append(Event(source: source, access: .path(operation, path), isOwner: isOwner))
          }
        }
      }
      events += SocketCell.all.map { Event(source: source, access: .network($0.representative)) }
      events += Capability.allCases.map { Event(source: source, access: .capability($0)) }
    }
    for source in paths(witnesses.callSources) {
      for name in table.syscalls.names {
        events += paths(witnesses.callPaths).map { Event(source: source, access: .syscall(name, $0)) }
      }
    }
    return events
  }

  /// Many rules, and a tier of its own.
  @Test func followsLargeImages() throws {
    let subject = literalSubject(scatteredPaths(1000))
    let table = try DecisionTable(subject)
    let image = try ImageReader.read(BPFBackend.emit(subject, table).bytes)
    #expect(image.tier >= 3)
    let proof = try ImageVerification(image, table, subject: subject.name)
    var matcher = try CompiledMatcher()
    let run = try ProgramVerification(image, proof.witnesses, generated: 2000, seed: 1, using: &matcher)
    #expect(run.agrees && run.generated == 2000, "\(run.differences)")
    let loaded = try matcher.load(image, key: 5)
    let nobody = ImageQuestion.Source.classes(ImageSource(source: 0, syscallSource: 0))
    let paths = subject.rules.compactMap { rule -> [UInt8]? in
      guard case .file(.literal(let path)) = rule.target else { return nil }
      return path.bytes
    }
    let answers = try matcher.ask(paths.map { ImageQuestion(nobody, .path(.read, $0)) })
    #expect(answers.count == 1000 && answers.allSatisfy(\.isDenied))
    let near = try matcher.ask(paths.map { ImageQuestion(nobody, .path(.read, $0 + [UInt8(ascii: "a")])) })
    #expect(near.allSatisfy { !$0.isDenied })
    #expect(loaded.key == 5)
  }

  @Test func withoutAnImageThereIsNoAnswer() throws {
    var matcher = try CompiledMatcher()
    #expect(throws: NodeError.self) { _ = try matcher.ask([]) }
  }
}

extension CompiledMatcher {
  /// False where the kernel or the privileges of this process do not let it; what else fails is a failure.
  static let isPermitted: Bool = {
    guard let obstacle else { return true }
    print("the compiled matcher is not run: \(obstacle)")
    return false
  }()
}

/// What a run came by: it must not be green because little was tried.
private struct Tally: CustomStringConvertible {
  var classes: [String: Int] = [:]
  var verdicts: [String: Int] = [:]
  var tiers: [Int: Int] = [:]
  var byHash = 0
  /// Sources that no rule names, and events of none.
  var unnamed = 0
  var none = 0
  var longest = 0
  var long = 0

  /// Beyond events.
  var others = 0
  var pathless = 0
  var tooLong = 0

  mutating func add(_ question: ImageQuestion, _ answer: ImageAnswer) {
    others += 1
    if case .path(_, []) = question.object { pathless += 1 }
    if answer.trouble != 0, !question.path.isEmpty { tooLong += 1 }
  }

  mutating func add(_ event: Event, _ question: ImageQuestion, _ verdict: Verdict, isNamed: Bool?) {
    classes[event.access.resourceClass.rawValue, default: 0] += 1
    verdicts[verdict.name, default: 0] += 1
    if case .hash = question.source { byHash += 1 }
    if isNamed == false { unnamed += 1 }
    if isNamed == nil { none += 1 }
    if question.path.count > 1000 { long += 1 }
    longest = max(longest, question.path.count)
  }

  /// Every class, verdict and tier, sources by hash and none at all, and the longest path there is.
  var isWide: Bool {
    classes.count == 5 && verdicts.count == 3 && tiers.count == ImageHeader.tiers && byHash > 1000 && unnamed > 1000
      && none > 1000 && pathless > 20 && tooLong > 5 && long > 200 && longest == BytePath.maximumLength
  }

  var description: String {
    func list(_ counts: [String: Int]) -> String {
      counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
    return
      "\(list(classes)); \(list(verdicts)); \(byHash) sources by hash, \(unnamed) sources that no rule "
      + "names, \(none) without source, \(long) paths of over 1,000 bytes; \(others) questions that are no events, \(pathless) without "
      + "a path, \(tooLong) with too long a one; images by tier \(tiers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })"
  }
}

/// Random events, some with the longest paths and with any bytes.
private struct WideEvents {
  var random: RandomPolicy
  private var drawn = 0

  init(_ generator: SeededGenerator) { random = RandomPolicy(generator) }

  /// Mostly the smallest, each of the others now and then.
  mutating func tier() -> Int {
    drawn += 1
    if drawn % 25 == 0 { return 5 }
    if drawn % 25 == 12 { return 4 }
    return drawn % 5 < 4 ? drawn % 5 : 0
  }

  mutating func event() -> Event {
    var event = random.event()
    switch event.access {
    case .path(let operation, let path): event.access = .path(operation, wide(path))
    case .syscall(let name, let path): event.access = .syscall(name, path.map { wide($0) })
    case .network, .capability: break
    }
    return event
  }

  private mutating func wide(_ path: BytePath) -> BytePath {
    switch Int.random(in: 0..<20, using: &random.generator) {
    case 0: long(path)
    case 1...3: odd(path)
    default: path
    }
  }

  /// Between 1,000 and 4,095 bytes, often exactly as many.
  private mutating func long(_ path: BytePath) -> BytePath {
    let wanted = random.generator.chance(30) ? 4095 : Int.random(in: 1000...4095, using: &random.generator)
    var bytes = random.generator.chance(50) ? path.bytes : [UInt8(ascii: "/")]
    while bytes.count < wanted {
      if bytes.last != UInt8(ascii: "/") { bytes.append(UInt8(ascii: "/")) }
      bytes += random.generator.pick(["a", "b", "ab", "etc", "x.so"]).utf8
    }
    bytes = Array(bytes.prefix(wanted))
    if bytes.last == UInt8(ascii: "/") { bytes[bytes.count - 1] = UInt8(ascii: "b") }
    return BytePath(bytes) ?? path
  }

  /// A component of any bytes, in front or behind.
  private mutating func odd(_ path: BytePath) -> BytePath {
    let name = (0...Int.random(in: 0...30, using: &random.generator)).map { _ in
      UInt8.random(in: 1...255, using: &random.generator)
    }.filter { $0 != UInt8(ascii: "/") }
    let slash = [UInt8(ascii: "/")]
    return BytePath(random.generator.chance(50) ? slash + name + path.bytes : path.bytes + slash + name) ?? path
  }

  /// The event as a question; its source by hash where nothing but that is known, else by its classes. Nil for a system call
  /// without a number.
  mutating func question(_ event: Event, _ image: MapImage, _ key: UInt64) -> ImageQuestion? {
    var source = ImageQuestion.Source.classes(image.classes(of: event.source))
    if let path = event.source, random.generator.chance(50) {
      // Who is not named is in class 0 of sources, but of system calls only until its image is replaced.
      let isSyscall = if case .syscall = event.access { true } else { false }
      if !isSyscall || image.sources.contains(path) { source = .hash(KernelImage.hash(path.bytes, key: key)) }
    }
    return ImageQuestion(event, from: source)
  }
}
