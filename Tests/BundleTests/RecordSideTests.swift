import Backends
import Bundle
import Foundation
import Frontend
import IR
import Testing
import _PolicyTestSupport

/// From policies to the records of a bundle and back.
@Suite struct RecordSideTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let corpus: URL? = ["../shared/corpus", "../../shared/corpus"].map {
    root.appending(path: $0).standardizedFileURL
  }.first { FileManager.default.fileExists(atPath: $0.path()) }

  private func sources(_ folder: URL) throws -> [(name: String, bytes: [UInt8])] {
    let names = try #require(FileManager.default.enumerator(atPath: folder.path())).compactMap { $0 as? String }
    return try names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().map {
      ($0, Array(try Data(contentsOf: folder.appending(path: $0))))
    }
  }

  /// The subjects as a build would see them.
  private func resolved(
    _ sources: [(name: String, bytes: [UInt8])],
    postures: PartialPostures = PartialPostures(),
    base: BaseList? = nil
  ) -> [SubjectPolicy] {
    let loaded = Frontend.load(sources: sources)
    var seen: Set<PolicyID> = []
    let sound = loaded.policies.map(\.policy).filter { !$0.isIncomplete && seen.insert($0.id).inserted }
    return Resolution(policies: sound, context: loaded.clusterContext(postures: postures), base: base).subjects
  }

  private func options(_ postures: PartialPostures, _ base: BaseList?) -> Manifest.Options {
    Manifest.Options(
      targets: ["apparmor"],
      posture: Manifest.Postures(
        file: postures.file?.rawValue,
        network: postures.network?.rawValue,
        capabilities: postures.capabilities?.rawValue
      ),
      base: base?.name,
      floor: "none"
    )
  }

  /// Same names, same subjects, same meaning; from records alone.
  private func check(
    _ subjects: [SubjectPolicy],
    _ postures: PartialPostures = PartialPostures(),
    _ base: BaseList? = nil,
    withMeaning: Bool = false
  ) throws {
    let read = try subjects.map { try PolicyRecord.subject(json: PolicyRecord.json($0)) }
    let side = try RecordSide.side(read.reversed(), options: options(postures, base))
    let again = Resolution(policies: side.policies, context: side.context, base: side.base).subjects
    try #require(again.map(\.name) == subjects.map(\.name))
    for (mine, theirs) in zip(subjects, again) {
      #expect(mine == theirs)
      if withMeaning { #expect(try DecisionTable(mine).meaning == DecisionTable(theirs).meaning, "\(mine.name)") }
    }
  }

  @Test func examplesComeBack() throws {
    let examples = try sources(RecordSideTests.root.appending(path: "examples"))
    let strict = PartialPostures(file: .block, network: nil, capabilities: .allow)
    #expect(resolved(examples).count > 3)
    try check(resolved(examples), withMeaning: true)
    try check(resolved(examples, postures: strict, base: .runtimeV1), strict, .runtimeV1, withMeaning: true)
  }

  /// Every file by itself, and all of them as one cluster.
  @Test(.enabled(if: corpus != nil)) func theCorpusComesBack() throws {
    let corpus = try #require(RecordSideTests.corpus)
    let policies = try sources(corpus.appending(path: "policies"))
    for source in policies { try check(resolved([source])) }
    let manifests =
      FileManager.default.fileExists(atPath: corpus.appending(path: "context").path())
      ? try sources(corpus.appending(path: "context")) : []
    let all = resolved(policies + manifests)
    #expect(all.count > 100)
    try check(all, withMeaning: true)
  }

  @Test func randomClustersComeBack() throws {
    var random = RandomCluster(.fresh(ProcessInfo.processInfo.environment))
    var kinds: Set<String> = []
    for _ in 0..<300 {
      let (policies, context) = random.cluster()
      let subjects = Resolution(policies: policies, context: context).subjects
      kinds.formUnion(subjects.map(\.subject.kind))
      try check(subjects)
    }
    #expect(kinds == ["container", "host", "selection"])
  }

  @Test func contradictionsAreNamed() throws {
    var random = RandomPolicy(.fresh(ProcessInfo.processInfo.environment))
    var one = random.subject()
    one.base = nil
    var two = one
    two.name = "two"
    two.postures.file = one.postures.file == .block ? .audit : .block
    two.policies[0].rules = []
    do throws(RecordSide.Contradiction) {
      _ = try RecordSide.side([one, two], options: options(PartialPostures(), .runtimeV1))
      Issue.record("nothing was refused")
    } catch {
      // Another text, another posture, and of each another base list than the manifest's.
      #expect(error.problems.count == 4, "\(error.problems)")
    }
  }
}

/// Clusters so small that selectors meet all the time.
private struct RandomCluster {
  private var generator: SeededGenerator
  private var rules: RandomPolicy

  init(_ generator: SeededGenerator) {
    self.generator = generator
    rules = RandomPolicy(generator, withGlobs: false)
  }

  private static let labels = [
    LabelPair("app", "a"), LabelPair("app", "b"), LabelPair("tier", "x"), LabelPair("e", ""),
  ]
  private static let spaces = ["default", "shop", "Shop"]

  private mutating func labels() -> Set<LabelPair> { Set(RandomCluster.labels.filter { _ in generator.chance(40) }) }

  private mutating func selector() -> Selector {
    if generator.chance(25) {
      return .nodes(
        NodeSelector(labels: labels(), hostNames: generator.chance(40) ? [generator.pick(["n1", "n2"])] : nil)
      )
    }
    let namespaces: NamespaceSet
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: namespaces = .all
    case 1: namespaces = NamespaceSet(excluded: [generator.pick(RandomCluster.spaces)])
    case 2: namespaces = NamespaceSet(included: ["default", "shop"])
    default: namespaces = .one(generator.pick(RandomCluster.spaces))
    }
    var expressions: Set<LabelExpression> = []
    if generator.chance(30) { expressions.insert(LabelExpression(generator.chance(50) ? .in : .notIn, labels())) }
    return .pods(
      PodSelector(
        namespaces: namespaces,
        labels: labels(),
        expressions: expressions,
        containers: generator.chance(25) ? [generator.pick(["one", "two"])] : nil
      )
    )
  }

  mutating func cluster() -> ([Policy], ClusterContext) {
    let place = Location(file: "random.yaml", line: 1, column: 1)
    let policies = (0..<Int.random(in: 1...6, using: &generator)).map { index in
      let id = PolicyID(kind: generator.pick([.pod, .host, .cluster]), namespace: "default", name: "p\(index)")
      return Policy(
        id: id,
        selector: selector(),
        rules: (0..<Int.random(in: 0...3, using: &generator)).map { rules.rule(policy: id, position: $0) },
        location: place
      )
    }
    func posture() -> Posture? { generator.chance(50) ? generator.pick(Posture.allCases) : nil }
    func postures() -> PartialPostures {
      PartialPostures(file: posture(), network: posture(), capabilities: posture())
    }
    var context = ClusterContext(postures: postures(), hostPostures: postures())
    for space in RandomCluster.spaces where generator.chance(40) {
      context.namespaces[space] = ClusterContext.Namespace(postures: postures(), visibility: nil, location: place)
    }
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      context.workloads.append(
        ClusterContext.Workload(
          kind: generator.pick(["Deployment", "Pod"]),
          namespace: generator.pick(RandomCluster.spaces),
          name: generator.pick(["w", "W", "v/w"]),
          labels: labels(),
          containers: generator.pick([["one"], ["two"], ["one", "two", "Two"]]),
          location: place
        )
      )
    }
    for name in ["n1", "n2", "N1"] where generator.chance(30) {
      context.nodes.append(ClusterContext.Node(identity: HostIdentity(name: name, labels: labels()), location: place))
    }
    return (policies, context)
  }
}
