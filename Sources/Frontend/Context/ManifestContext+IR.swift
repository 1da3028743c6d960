import Diagnostics
package import IR

extension LoadResult {
  /// What the manifests say, in the words of the IR; `postures` are those of the command line and win over configured ones.
  package func clusterContext(postures: PartialPostures = PartialPostures()) -> ClusterContext {
    func location(_ span: Span) -> Location {
      let file = sourceMap[span.file]
      let position = file.position(of: span.start)
      return Location(file: file.name, line: position.line, column: position.column)
    }
    func partial(_ all: Postures) -> PartialPostures {
      PartialPostures(file: all.file, network: all.network, capabilities: all.capabilities)
    }
    let configured = context.global.map { partial($0.postures) } ?? PartialPostures()
    let configuredHost = context.global.map { partial($0.hostPostures) } ?? PartialPostures()
    return ClusterContext(
      workloads: context.workloads.map {
        ClusterContext.Workload(
          kind: $0.kind,
          namespace: $0.namespace,
          name: $0.name,
          labels: $0.labels,
          containers: $0.containers,
          location: location($0.span)
        )
      },
      nodes: context.nodes.map { ClusterContext.Node(identity: $0.identity, location: location($0.span)) },
      namespaces: context.namespaces.mapValues {
        ClusterContext.Namespace(
          postures: PartialPostures(file: $0.file, network: $0.network, capabilities: $0.capabilities),
          visibility: $0.visibility.map(\.classes),
          location: location($0.span)
        )
      },
      postures: postures.or(configured),
      hostPostures: postures.or(configuredHost),
      visibility: context.global?.visibility?.classes ?? [],
      hostVisibility: context.global?.hostVisibility?.classes ?? []
    )
  }
}

extension Visibility {
  /// The classes that verdicts speak of; `dns` and `ima` are none of armorc's.
  fileprivate var classes: Set<ResourceClass> {
    Set([ResourceClass.process, .file, .network, .capabilities].filter { reported.contains($0.rawValue) })
  }
}
