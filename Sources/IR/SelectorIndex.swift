/// Policies in the order in which they join, and which of them apply to what, found without looking at all of them.
struct SelectorIndex: Sendable {
  let policies: [Policy]
  private struct Key: Hashable {
    let namespace: String?
    let label: LabelPair?
  }
  private var pods: [Key: [Int]] = [:]
  private var hosts: [Int] = []
  /// Host policies by every host name that they ask for, else by one label.
  private var hostsByName: [String: [Int]] = [:]
  private var hostsByLabel: [LabelPair?: [Int]] = [:]

  init(_ unordered: [Policy]) {
    policies = unordered.sorted { ($0.id, $0.rules.count) < ($1.id, $1.rules.count) }
    for (number, policy) in policies.enumerated() {
      switch policy.selector {
      case .pods(let pods):
        let key = Key(namespace: policy.selector.singleNamespace, label: pods.labels.min())
        self.pods[key, default: []].append(number)
      case .nodes(let nodes):
        hosts.append(number)
        if let names = nodes.hostNames {
          for name in names { hostsByName[name, default: []].append(number) }
        } else {
          hostsByLabel[nodes.labels.min(), default: []].append(number)
        }
      case .nothing: continue
      }
    }
  }

  /// Indices of the policies that apply, ascending.
  func matching(_ container: ContainerIdentity) -> [Int] {
    candidates(namespace: container.namespace, labels: container.labels).filter {
      policies[$0].selector.matches(container)
    }
  }

  func matching(_ host: HostIdentity) -> [Int] {
    candidates(hostNames: [host.name], labels: host.labels).filter { policies[$0].selector.matches(host) }
  }

  /// Indices of the policies that apply to whatever the selector matches, ascending.
  func implied(by selector: Selector) -> [Int] {
    candidates(implied: selector).filter { selector.implies(policies[$0].selector) }
  }

  func matching(_ subject: Subject) -> [Int] {
    switch subject {
    case .container(_, let container): matching(container)
    case .host(let host): matching(host)
    case .selection(let selector): implied(by: selector)
    }
  }

  private func candidates(namespace: String?, labels: Set<LabelPair>) -> [Int] {
    var found: [Int] = []
    for space in Set([namespace, nil]) {
      for label in labels.map(Optional.some) + [nil] { found += pods[Key(namespace: space, label: label)] ?? [] }
    }
    return found.sorted()
  }

  private func candidates(implied selector: Selector) -> [Int] {
    switch selector {
    case .pods(let pods): candidates(namespace: selector.singleNamespace, labels: pods.labels)
    // No host at all has every name.
    case .nodes(let nodes) where nodes.hostNames?.isEmpty == true: hosts
    case .nodes(let nodes): candidates(hostNames: nodes.hostNames ?? [], labels: nodes.labels)
    case .nothing: []
    }
  }

  private func candidates(hostNames: Set<String>, labels: Set<LabelPair>) -> [Int] {
    var found: Set<Int> = []
    for name in hostNames { found.formUnion(hostsByName[name] ?? []) }
    for label in labels.map(Optional.some) + [nil] { found.formUnion(hostsByLabel[label] ?? []) }
    return found.sorted()
  }
}
