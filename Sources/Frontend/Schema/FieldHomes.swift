/// Where each field of a policy belongs, computed from the shapes.
package enum FieldHomes {
  /// Titles of the shapes that have a field of this name, in schema order, without repeats.
  package static func titles(of name: String) -> [String] { table[name] ?? [] }

  /// Every field name of the policy kinds, sorted.
  package static let names: [String] = table.keys.sorted()

  private static let table: [String: [String]] = {
    var table: [String: [String]] = [:]
    var seen: Set<ObjectIdentifier> = []
    func visit(_ shape: ObjectShape) {
      guard seen.insert(ObjectIdentifier(shape)).inserted else { return }
      for field in shape.fields {
        if !(table[field.name]?.contains(shape.title) ?? false) { table[field.name, default: []].append(shape.title) }
        switch field.type {
        case .object(let inner), .list(let inner): visit(inner)
        default: break
        }
      }
    }
    visit(PolicySchema.podPolicy)
    visit(PolicySchema.hostPolicy)
    return table
  }()

  /// "'matchPaths' belongs under 'process', 'file' or 'syscalls'", or nil for a name no policy knows.
  package static func advice(_ name: String) -> String? {
    let titles = titles(of: name)
    guard !titles.isEmpty else { return nil }
    if titles.count > 4 {
      return titles.contains("'spec'")
        ? "'\(name)' belongs under 'spec', one of its sections, or a rule" : "'\(name)' belongs to single rules"
    }
    return "'\(name)' belongs \(titles[0].hasPrefix("'") ? "under" : "in") \(alternatives(titles, quoting: false))"
  }
}
