package import Automata

extension DecisionTable {
  /// Sorts paths into the same classes as `paths`, and asks nothing of strings that are no paths: those have the class of
  /// any path. An enforcer that only ever sees paths gets by with far fewer states, and can stop early: nothing that
  /// follows a recursive directory changes its class any more. NUL leads where byte 1 leads.
  /// - Throws: `TableBudgetError` as compiling does.
  package func openPaths(budget: TableBudget = TableBudget()) throws(TableBudgetError) -> Classifier {
    let compiler = TableCompiler(rule: CellRule(rules: rules, postures: postures))
    do {
      let partition = try Partition.unminimised(compiler.sets.map(\.language), budget: budget.states)
      // Which rules' sets a path belongs to decides its class.
      var classOf = [UInt32](repeating: 0, count: partition.members.count)
      _ = try partition.classifier.firstWitness(with: paths, budget: budget.states) { open, closed in
        if closed != 0 { classOf[Int(open)] = closed }
        return false
      }
      let rest = partition.members.firstIndex { $0.isEmpty }.map { classOf[$0] } ?? 0
      let spare = rest != 0 ? rest : classOf.lazy.filter { $0 != 0 }.min() ?? 0
      return partition.classifier.ignoringNUL { label in
        let known = classOf[Int(label)]
        return known != 0 ? known : spare
      }
    } catch {
      throw compiler.error(error, rules: rules)
    }
  }
}
