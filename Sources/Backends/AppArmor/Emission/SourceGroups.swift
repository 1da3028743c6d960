import IR

/// The source classes of a table by verdicts alone: classes that only differ in who decides share a profile.
struct SourceGroups {
  /// Per group the paths of its sources; empty for group 0, which is everything else.
  let paths: [[BytePath]]
  /// Per group a source class of the table that stands for it.
  let tableClass: [Int]
  /// Table class to group.
  let groupOf: [Int]

  var count: Int { paths.count }

  init(_ table: DecisionTable) {
    func column(_ source: Int) -> [UInt8] {
      var result: [UInt8] = []
      for path in 1..<max(1, table.pathClassCount) {
        for facet in Facet.all {
          result.append(
            table.cell(source: source, path: path, facet.operation, isOwner: facet.isOwner).verdict.rawValue
          )
        }
      }
      result += SocketCell.all.map { table.cell(source: source, $0).verdict.rawValue }
      result += Capability.allCases.map { table.cell(source: source, $0).verdict.rawValue }
      return result
    }
    var known = [column(0): 0]
    var paths: [[BytePath]] = [[]]
    var tableClass = [0]
    var groupOf = [0]
    for source in 1..<max(1, table.sources.count) {
      let mine = column(source)
      let group = known[mine] ?? paths.count
      if group == paths.count {
        known[mine] = group
        paths.append([])
        tableClass.append(source)
      }
      if group > 0 { paths[group] += table.sources.paths[source] }
      groupOf.append(group)
    }
    self.paths = paths
    self.tableClass = tableClass
    self.groupOf = groupOf
  }
}
