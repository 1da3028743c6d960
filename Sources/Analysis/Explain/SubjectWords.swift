import Diagnostics
package import IR

/// Subjects in words.
package enum SubjectWords {
  /// `container nginx of Deployment/web in namespace shop`, `host worker-1`, `pods with app=web in namespace shop`; safe to
  /// print.
  package static func text(_ subject: Subject) -> String {
    switch subject {
    case .container(let workload, let identity):
      let container = identity.container.isEmpty ? "any container" : "container " + identity.container
      let whose = workload.isEmpty ? labels(identity.labels, "pods") : workload
      return DisplayText.safe("\(container) of \(whose) in namespace \(identity.namespace)")
    case .host(let identity): return DisplayText.safe("host " + identity.name)
    case .selection(.nodes(let nodes)):
      let names = nodes.hostNames?.sorted() ?? []
      let who = names.isEmpty ? "hosts" : "hosts " + WordList.joined(names, by: "or", most: 3)
      return DisplayText.safe(labels(nodes.labels, who))
    case .selection(.pods(let pods)):
      var text = labels(pods.labels, "pods")
      for expression in pods.expressions.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
        text += expression.operator == .in ? " with one of " : " with none of "
        text += WordList.joined(expression.labels.map { "\($0.key)=\($0.value)" }, by: "or", most: 4)
      }
      if let containers = pods.containers?.sorted() { text = "containers \(WordList.joined(containers)) of \(text)" }
      if let included = pods.namespaces.included?.sorted() {
        text += (included.count == 1 ? " in namespace " : " in namespaces ") + WordList.joined(included, most: 4)
      } else if pods.namespaces.excluded.isEmpty {
        text += " in all namespaces"
      } else {
        text += " in all namespaces but " + WordList.joined(pods.namespaces.excluded.sorted(), most: 4)
      }
      return DisplayText.safe(text)
    case .selection(.nothing): return "nothing"
    }
  }

  private static func labels(_ labels: Set<LabelPair>, _ who: String) -> String {
    labels.isEmpty
      ? who : who + " with " + WordList.joined(labels.sorted().map { "\($0.key)=\($0.value)" }, most: 4)
  }
}
