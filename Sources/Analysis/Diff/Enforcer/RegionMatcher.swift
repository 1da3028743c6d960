import Automata
package import IR

/// Whether events belong to a region.
package struct RegionMatcher: Sendable {
  private let region: ChangeRegion
  private let include: [Glob]
  private let except: [Glob]

  package init(_ region: ChangeRegion) {
    self.region = region
    var language: PathLanguage?
    if case .paths(_, let paths) = region.objects { language = paths }
    include = (language?.include ?? []).compactMap { try? Glob(Array($0.utf8)) }
    except = (language?.except ?? []).compactMap { try? Glob(Array($0.utf8)) }
  }

  /// Of regions whose language is not exact, more events may seem to belong.
  package func holds(_ event: Event) -> Bool {
    switch (region.objects, event.access) {
    case (.paths(let operations, _), .path(let operation, let path)):
      guard operations.contains(operation), region.owner.holds(isOwner: event.isOwner),
        include.contains(where: { $0.matchesSlowly(path.bytes) }),
        !except.contains(where: { $0.matchesSlowly(path.bytes) })
      else { return false }
    case (.sockets(let cells, _), .network(let socket)): guard cells.contains(SocketCell(socket)) else { return false }
    case (.capabilities(let all), .capability(let capability)): guard all.contains(capability) else { return false }
    default: return false
    }
    switch region.sources {
    case .any: return true
    case .only(let paths): return event.source.map(paths.contains) ?? paths.isEmpty
    case .allBut(let paths): return !(event.source.map(paths.contains) ?? false)
    case .programsBut(let paths): return event.source.map { !paths.contains($0) } ?? false
    case .matching, .allButMatching: return false
    }
  }
}
