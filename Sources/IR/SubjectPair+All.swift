extension SubjectPair {
  /// All subjects of either side, in order of name: each once, containers and nodes matched by their manifests' names,
  /// selections by selector. A container or node that both sides have is judged on each with the labels it has there.
  ///
  /// Left out are selections of one side that cannot differ: the other has the same policies for them, but joins these
  /// to the workloads of its manifests, which are subjects of their own here.
  package static func all(old: PolicySide, new: PolicySide) -> [SubjectPair] {
    let old = PairSide(old)
    let new = PairSide(new)
    var pairs: [SubjectPair] = []
    var removed: [SubjectPolicy] = []
    for (key, subjects) in new.subjects {
      let (both, onlyOld, onlyNew) = matched(old.subjects[key] ?? [], subjects)
      for (before, after) in both { pairs.append(SubjectPair(.both, named: after.name, before, after)) }
      for after in onlyNew {
        let before = old.joiner.subject(named: after.name, of: old.counterpart(of: after.subject))
        if canDiffer(after, before) { pairs.append(SubjectPair(.added, named: after.name, before, after)) }
      }
      removed += onlyOld
    }
    for (key, subjects) in old.subjects where new.subjects[key] == nil { removed += subjects }

    var taken = Set(pairs.map(\.name))
    // INVARIANT: names are unique within a side, so this order is that of no dictionary.
    for before in removed.sorted(by: { $0.name < $1.name }) {
      let after = new.joiner.subject(named: before.name, of: new.counterpart(of: before.subject))
      guard canDiffer(before, after) else { continue }
      var name = before.name
      var salt = 0
      while !taken.insert(name).inserted {
        name = before.name + "-" + SafeName.digest("old\0\(before.name)" + String(repeating: "+", count: salt))
        salt += 1
      }
      pairs.append(SubjectPair(.removed, named: name, before, after))
    }
    return pairs.sorted { $0.name < $1.name }
  }

  private init(_ presence: Presence, named name: String, _ old: SubjectPolicy, _ new: SubjectPolicy) {
    var (old, new) = (old, new)
    old.name = name
    new.name = name
    self.init(name: name, presence: presence, old: old, new: new)
  }

  /// Manifests may define a workload twice: equal ones are matched first, the rest in their order.
  private static func matched(_ old: [SubjectPolicy], _ new: [SubjectPolicy])
    -> (both: [(SubjectPolicy, SubjectPolicy)], onlyOld: [SubjectPolicy], onlyNew: [SubjectPolicy])
  {
    if old.count == 1, new.count == 1 { return ([(old[0], new[0])], [], []) }
    var both: [(SubjectPolicy, SubjectPolicy)] = []
    // Last first, so that taking one away costs nothing.
    var waiting = Dictionary(grouping: old.indices.reversed()) { old[$0].subject }
    var isTaken = [Bool](repeating: false, count: old.count)
    var onlyNew: [SubjectPolicy] = []
    for after in new {
      if let index = waiting[after.subject]?.popLast() {
        isTaken[index] = true
        both.append((old[index], after))
      } else {
        onlyNew.append(after)
      }
    }
    let onlyOld = old.indices.filter { !isTaken[$0] }.map { old[$0] }
    let count = min(onlyOld.count, onlyNew.count)
    both += zip(onlyOld, onlyNew)
    return (both, Array(onlyOld.dropFirst(count)), Array(onlyNew.dropFirst(count)))
  }

  /// False for a selection of one side that the other side gives the same policies and postures.
  private static func canDiffer(_ listed: SubjectPolicy, _ other: SubjectPolicy) -> Bool {
    guard case .selection = listed.subject else { return true }
    return listed.policies != other.policies || listed.postures != other.postures || listed.base != other.base
  }
}

/// What matches a subject of one side with one of the other.
private enum SubjectKey: Hashable {
  case container(namespace: String, workload: String, container: String)
  case node(String)
  case selection(Selector)

  init(_ subject: Subject) {
    switch subject {
    case .container(let workload, let identity):
      self = .container(namespace: identity.namespace, workload: workload, container: identity.container)
    case .host(let host): self = .node(host.name)
    case .selection(let selector): self = .selection(selector)
    }
  }
}

private struct PairSide {
  private struct WorkloadKey: Hashable {
    let namespace: String
    let workload: String
  }

  let joiner: PolicyJoiner
  /// In order of name.
  let subjects: [SubjectKey: [SubjectPolicy]]
  /// Also of those to which no policy applies.
  private var workloads: [WorkloadKey: [Set<LabelPair>]] = [:]
  private var nodes: [String: [HostIdentity]] = [:]

  init(_ side: PolicySide) {
    joiner = PolicyJoiner(side)
    subjects = Dictionary(grouping: Resolution(joiner).subjects) { SubjectKey($0.subject) }
    for one in side.context.workloads {
      let key = WorkloadKey(namespace: one.namespace, workload: "\(one.kind)/\(one.name)")
      workloads[key, default: []].append(one.labels)
    }
    for one in side.context.nodes { nodes[one.identity.name, default: []].append(one.identity) }
  }

  /// What a subject of the other side is here: the same workload or node with the labels it has here, if it is here.
  func counterpart(of subject: Subject) -> Subject {
    switch subject {
    case .container(let workload, var identity):
      let key = WorkloadKey(namespace: identity.namespace, workload: workload)
      guard let labels = workloads[key], let first = labels.first, !labels.contains(identity.labels) else {
        return subject
      }
      identity.labels = first
      return .container(workload: workload, identity)
    case .host(let host):
      guard let here = nodes[host.name], let first = here.first, !here.contains(host) else { return subject }
      return .host(first)
    case .selection: return subject
    }
  }
}
