extension DecisionTable {
  /// Who decides some event at all: indices into `rules`, and classes whose posture does.
  package var deciders: (rules: Set<Int>, postures: Set<ResourceClass>) {
    var cells: Set<Cell> = Set(networkCells)
    cells.formUnion(capabilityCells)
    cells.formUnion(pathCells)
    cells.formUnion(syscalls.cells)
    return (Set(cells.compactMap(\.rule)), Set(cells.compactMap(\.posture)))
  }
}
