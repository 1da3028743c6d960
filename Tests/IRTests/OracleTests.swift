import Backends
import Bundle
import Diagnostics
import Foundation
import Frontend
import IR
import Runtime
import Testing
import _ImageTestSupport

/// 218 access decisions of upstream's own scenario tests, where they are at hand (`../shared`): front end, evaluator,
/// decision table, map image and, where `bpf()` is permitted, the compiled matcher agree with what SEMANTICS.md says of each.
@Suite struct OracleTests {
  private struct Oracle: Decodable { let rows: [Row] }

  private struct Row: Decodable {
    struct Event: Decodable {
      struct Network: Decodable {
        let family: String
        let type: String
        let `protocol`: String?
      }
      let op: String
      let source: String?
      let path: String?
      let isOwner: Bool?
      let network: Network?
      let capability: String?
    }
    struct Subject: Decodable {
      let kind: String
      let namespace: String?
      let labels: [String: String]
      let container: String?
      let nodeLabels: [String: String]
    }
    struct RowPosture: Decodable {
      let file: String
      let network: String
      let capabilities: String
    }
    let id: String
    let policies: [String]
    let posture: RowPosture
    let subject: Subject
    let event: Event
    let armorc: String
    let armorcWithBase: String?
    let expect: String
    let divergent: Bool?
    let expectPolicy: String?
  }

  private static let shared = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")

  @Test func everyRow() throws {
    let oracle = Self.shared.appending(path: "oracle/upstream-scenarios.json")
    guard FileManager.default.fileExists(atPath: oracle.path) else {
      print("OracleTests: no oracle beside the project; nothing was replayed")
      return
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let rows = try decoder.decode(Oracle.self, from: Data(contentsOf: oracle)).rows
    #expect(rows.count == 218)
    var replayed = 0
    var matcher = CompiledMatcher.obstacle == nil ? try CompiledMatcher() : nil
    var asked = 0
    for row in rows where row.armorc != "native" {
      let sources = try row.policies.map { path in
        (
          name: path,
          bytes: Array(
            try Data(contentsOf: Self.shared.appending(path: "corpus/policies/KubeArmor").appending(path: path))
          )
        )
      }
      let loaded = Frontend.load(sources: sources)
      #expect(!loaded.hasErrors, "\(row.id): \(loaded.diagnostics.map(\.message))")
      let subject = try subject(row, loaded)
      let event = try event(row)
      for base in row.armorcWithBase == nil ? [nil] : [nil, BaseList.runtimeV1] {
        var subject = subject
        subject.base = base
        let wanted = base == nil ? row.armorc : row.armorcWithBase
        let decision = Evaluator(subject).decide(event)
        let table = try DecisionTable(subject)
        #expect(decision.verdict.name == wanted, "\(row.id): \(event) \(decision)")
        #expect(table.decide(event) == decision, "\(row.id): \(event)")
        let image = try ImageReader.read(BPFBackend.emit(subject, table).bytes)
        #expect(image.decide(event) == inRecords(decision, subject.rules), "\(row.id): \(event)")
        if var one = matcher.take() {
          try ask(&one, image, event, decision, subject, row.id)
          matcher = consume one
          asked += 1
        }
        if base == nil, row.divergent != true, let name = row.expectPolicy {
          // What the flags of an `Allow` exclude is blocked by that rule here (SEMANTICS §5); upstream names the posture.
          let isRest = name == "DefaultPosture" && Self.isAllow(decision.decider, subject)
          #expect(Self.name(decision.decider) == name || isRest, "\(row.id): \(event) \(decision)")
        }
        replayed += 1
      }
    }
    print(
      "OracleTests: \(replayed) verdicts replayed, "
        + (CompiledMatcher.obstacle.map { "the compiled matcher not asked: \($0)" }
          ?? "\(asked) of the compiled matcher")
    )
    #expect(asked == (CompiledMatcher.obstacle == nil ? replayed : 0))
    #expect(replayed >= 214)
  }

  /// The kernel's answer, with the source by its classes and, where it is named, by its hash.
  private func ask(
    _ matcher: inout CompiledMatcher,
    _ image: MapImage,
    _ event: Event,
    _ decision: Decision,
    _ subject: SubjectPolicy,
    _ id: String
  ) throws {
    let loaded = try matcher.load(image, key: 0x5EED)
    var sources = [ImageQuestion.Source.classes(image.classes(of: event.source))]
    if let path = event.source, image.sources.contains(path) {
      sources.append(.hash(KernelImage.hash(path.bytes, key: loaded.key)))
    }
    let questions = sources.compactMap { ImageQuestion(event, from: $0) }
    #expect(questions.count == sources.count, "\(id): \(event)")
    for (question, answer) in zip(questions, try matcher.ask(questions)) {
      #expect(image.decision(answer.cell) == inRecords(decision, subject.rules), "\(id): \(question) \(answer)")
      #expect(answer.isDenied == (decision.verdict == .block), "\(id): \(question) \(answer)")
      #expect(answer == image.answer(question, loaded), "\(id): \(question)")
    }
  }

  private static func isAllow(_ decider: Decider, _ subject: SubjectPolicy) -> Bool {
    guard case .rule(let origin) = decider else { return false }
    return subject.rules.contains { $0.origin == origin && $0.action == .allow }
  }

  private static func name(_ decider: Decider) -> String {
    switch decider {
    case .nothing: "nothing"
    case .rule(let origin): origin.policy.name
    case .posture: "DefaultPosture"
    }
  }

  private func subject(_ row: Row, _ loaded: LoadResult) throws -> SubjectPolicy {
    let policies = loaded.policies.map(\.policy)
    let joined: [Policy]
    if row.subject.kind == "host" {
      let labels = Set(row.subject.nodeLabels.map { LabelPair($0.key, $0.value) })
      let name = row.subject.nodeLabels["kubernetes.io/hostname"] ?? "host"
      joined = policies.filter { $0.selector.matches(HostIdentity(name: name, labels: labels)) }
    } else {
      let identity = ContainerIdentity(
        namespace: row.subject.namespace ?? "default",
        labels: Set(row.subject.labels.map { LabelPair($0.key, $0.value) }),
        container: row.subject.container ?? "main"
      )
      joined = policies.filter { $0.selector.matches(identity) }
    }
    #expect(!joined.isEmpty, "\(row.id): no policy applies")
    return SubjectPolicy(
      name: "oracle",
      subject: .selection(.nothing),
      policies: joined,
      postures: Postures(
        file: try #require(Posture(rawValue: row.posture.file)),
        network: try #require(Posture(rawValue: row.posture.network)),
        capabilities: try #require(Posture(rawValue: row.posture.capabilities))
      )
    )
  }

  private func event(_ row: Row) throws -> Event {
    let access: Access
    switch row.event.op {
    case "network":
      let network = try #require(row.event.network)
      access = .network(
        Socket(
          family: try #require(SocketNumber.families.first { $0.name == network.family }).number,
          type: try #require(SocketNumber.types.first { $0.name == network.type }).number,
          protocolNumber: SocketNumber.protocols.first { $0.name == network.protocol }?.number ?? 0
        )
      )
    case "capability":
      access = .capability(try #require(row.event.capability.flatMap { Capability(name: $0) }))
    default:
      let operation = try #require(PathOperation.allCases.first { $0.name == row.event.op })
      access = .path(operation, try #require(row.event.path.flatMap { BytePath($0) }))
    }
    return Event(source: row.event.source.flatMap { BytePath($0) }, access: access, isOwner: row.event.isOwner ?? true)
  }
}
