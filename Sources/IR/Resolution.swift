/// Which subjects there are and which policies join on each (SEMANTICS §3).
package struct Resolution: Sendable {
  /// Sorted by name.
  package let subjects: [SubjectPolicy]
  /// Policies that match no given workload or node although manifests of that sort were given.
  package let unmatched: [PolicyID]

  /// `base` is joined to every subject in allow-list mode, hosts included.
  package init(policies: [Policy], context: ClusterContext, base: BaseList? = nil) {
    self.init(PolicyJoiner(PolicySide(policies: policies, context: context, base: base)))
  }

  init(_ joiner: PolicyJoiner) {
    let context = joiner.side.context
    let index = joiner.index
    let ordered = index.policies
    var drafts: [Draft] = []
    var matched = [Bool](repeating: false, count: ordered.count)
    func claim(_ subject: Subject, words: [String], key: String, order: String = "") {
      let joined = index.matching(subject)
      guard !joined.isEmpty else { return }
      for number in joined { matched[number] = true }
      drafts.append(Draft(words: words, key: key, order: order, subject: subject, policies: joined))
    }

    for workload in context.workloads {
      for container in workload.containers {
        let identity = ContainerIdentity(
          namespace: workload.namespace,
          labels: workload.labels,
          container: container
        )
        claim(
          .container(workload: "\(workload.kind)/\(workload.name)", identity),
          words: [workload.namespace, workload.name, container],
          key: "container\0\(workload.kind)\0\(workload.namespace)\0\(workload.name)\0\(container)",
          order: workload.labels.sorted().map { "\($0.key)=\($0.value)" }.joined(separator: "\0")
        )
      }
    }
    for node in context.nodes {
      claim(.host(node.identity), words: ["host", node.identity.name], key: "host\0\(node.identity.name)")
    }

    // What no manifest claims: one subject per distinct selector, with every policy that must apply as well.
    var seen: Set<Selector> = []
    for (number, policy) in ordered.enumerated() where !matched[number] {
      guard policy.selector != .nothing, seen.insert(policy.selector).inserted else { continue }
      drafts.append(
        Draft(
          words: policy.selector.words,
          key: policy.selector.canonicalText,
          subject: .selection(policy.selector),
          policies: index.implied(by: policy.selector)
        )
      )
    }

    subjects = Resolution.named(drafts).map { joiner.subject(named: $0, $1.subject, joining: $1.policies) }
    let hasPods = !context.workloads.isEmpty
    let hasNodes = !context.nodes.isEmpty
    unmatched = ordered.indices.filter { number in
      switch ordered[number].selector {
      case .pods: hasPods && !matched[number]
      case .nodes: hasNodes && !matched[number]
      case .nothing: false
      }
    }.map { ordered[$0].id }
  }

  private struct Draft {
    /// What the name is made of, for people.
    let words: [String]
    /// What makes the subject unique.
    let key: String
    /// Ranks those of one key: pod templates of one name, which several overlays may hold.
    var order = ""
    let subject: Subject
    let policies: [Int]
  }

  /// Safe, unique names, sorted: the words if they tell the subject apart, else with a digest of the key.
  private static func named(_ drafts: [Draft]) -> [(String, Draft)] {
    var byName: [String: [Draft]] = [:]
    for draft in drafts { byName[SafeName.of(draft.words), default: []].append(draft) }
    var result: [(String, Draft)] = []
    var taken = Set(byName.filter { $0.value.count == 1 }.keys)
    for (name, group) in byName.sorted(by: { $0.key < $1.key }) {
      if group.count == 1 {
        result.append((name, group[0]))
        continue
      }
      for draft in group.sorted(by: { ($0.key, $0.order) < ($1.key, $1.order) }) {
        var salt = 0
        var candidate = ""
        repeat {
          candidate = name + "-" + SafeName.digest(draft.key + String(repeating: "+", count: salt))
          salt += 1
        } while !taken.insert(candidate).inserted
        result.append((candidate, draft))
      }
    }
    return result.sorted { $0.0 < $1.0 }
  }
}

/// Names that are safe as file names, as profile names and in a shell: `[a-z0-9._-]`, no leading dot or dash.
package enum SafeName {
  /// At most 80 bytes. Distinct words may give one name.
  package static func of(_ words: [String]) -> String {
    let text = words.map { word in
      String(
        decoding: word.lowercased().utf8.map { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
          default: UInt8(ascii: "-")
          }
        },
        as: UTF8.self
      )
    }.map { $0.isEmpty ? "any" : $0 }.joined(separator: ".")
    let trimmed = text.drop { $0 == "." || $0 == "-" }
    guard trimmed.utf8.count > 80 else { return trimmed.isEmpty ? "any" : String(trimmed) }
    return String(trimmed.prefix(71)) + "-" + digest(words.joined(separator: "\0"))
  }

  /// Eight hexadecimal digits: FNV-1a, folded to 32 bits. Tells names apart; protects nothing.
  package static func digest(_ text: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let folded = String(UInt32(truncatingIfNeeded: hash ^ (hash >> 32)), radix: 16)
    return String(repeating: "0", count: 8 - folded.count) + folded
  }
}

extension Selector {
  package var isHost: Bool { if case .nodes = self { true } else { false } }

  /// The one namespace a pod selector speaks of, if it is one.
  package var singleNamespace: String? {
    guard case .pods(let pods) = self, let names = pods.namespaces.included, names.count == 1 else { return nil }
    return names.first
  }

  /// What a person would call it: namespace and label values, or host names.
  var words: [String] {
    switch self {
    case .pods(let pods):
      let space = pods.namespaces.included.map { $0.sorted().joined(separator: "-") } ?? "cluster"
      let labels = pods.labels.sorted().map(\.value)
      let expressions = pods.expressions.flatMap { $0.labels.map { $0.value } }.sorted()
      let containers = pods.containers?.sorted() ?? []
      let rest = labels + expressions + containers
      return [space] + (rest.isEmpty ? ["all"] : rest)
    case .nodes(let nodes):
      let names = nodes.hostNames?.sorted() ?? []
      let rest = names + nodes.labels.sorted().map(\.value)
      return ["host"] + (rest.isEmpty ? ["all"] : rest)
    case .nothing: return ["nothing"]
    }
  }

  /// Two selectors are equal exactly if their texts are.
  package var canonicalText: String {
    func list(_ labels: some Sequence<LabelPair>) -> String {
      labels.sorted().map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
    switch self {
    case .pods(let pods):
      let spaces =
        pods.namespaces.included.map { "in " + $0.sorted().joined(separator: ",") }
        ?? "not in " + pods.namespaces.excluded.sorted().joined(separator: ",")
      let expressions = pods.expressions.map { "\($0.operator.rawValue)(\(list($0.labels)))" }.sorted()
      let containers = pods.containers.map { "; containers " + $0.sorted().joined(separator: ",") } ?? ""
      let labels = pods.labels.isEmpty ? "" : "; labels " + list(pods.labels)
      return "pods; namespaces \(spaces)" + labels + expressions.map { "; " + $0 }.joined() + containers
    case .nodes(let nodes):
      let names = nodes.hostNames.map { "; host names " + $0.sorted().joined(separator: ",") } ?? ""
      return "hosts" + (nodes.labels.isEmpty ? "" : "; labels " + list(nodes.labels)) + names
    case .nothing: return "nothing"
    }
  }
}
