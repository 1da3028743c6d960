import Automata
import Bundle
import IR

/// The automata of an image, in the order of `enum armor_automaton`, over labels of the image.
struct ImageAutomata {
  let paths: Classifier
  let sources: Classifier
  let syscallPaths: Classifier
  let syscallSources: Classifier
  /// Every path that some rule names as a source and that is in a class of its own, sorted.
  let named: [(path: BytePath, classes: ImageSource)]

  var all: [Classifier] { [paths, sources, syscallPaths, syscallSources] }

  init(_ table: DecisionTable, _ tables: ImageTables, _ budget: TableBudget) throws(ImageProblem) {
    do throws(TableBudgetError) {
      paths = try table.openPaths(budget: budget).relabelled { tables.labelOf[Int($0)] }
    } catch {
      throw .table(error)
    }
    // Literals: their automaton is a tree of prefixes, far within any budget that `paths` kept.
    let members = table.sources.paths.enumerated().flatMap { index, paths in
      paths.map { (path: $0, label: UInt32(tables.sourceOf[index])) }
    }.filter { $0.label != 0 }
    let sources: Classifier
    do throws(BudgetError) {
      let partition = try Partition.unminimised(members.map { .literal($0.path.bytes) }, budget: budget.states)
      sources = partition.classifier.ignoringNUL { label in
        partition.members[Int(label)].first.map { members[$0].label } ?? 0
      }
    } catch {
      throw .table(
        TableBudgetError(quantity: .states, limit: error.limit, rules: ImageProblem.sourced(table.rules))
      )
    }
    self.sources = sources
    let calls = tables.syscalls
    syscallPaths = table.syscalls.paths.ignoringNUL { calls.rowCount == 0 ? 0 : calls.pathOf[Int($0)] }
    let syscallSources = table.syscalls.sources.ignoringNUL { calls.rowCount == 0 ? 0 : calls.sourceOf[Int($0)] }
    self.syscallSources = syscallSources
    // A source that system calls name is worth finding again too; what lies in a directory cannot be listed.
    var wanted = Set(members.map(\.path))
    for rule in table.rules where rule.resourceClass == .syscalls {
      for case .literal(let path) in rule.sources { wanted.insert(path) }
    }
    named = wanted.sorted().map { path in
      (
        path,
        ImageSource(
          source: Int(sources.label(of: path.bytes)),
          syscallSource: Int(syscallSources.label(of: path.bytes))
        )
      )
    }.filter { $0.1.source != 0 || $0.1.syscallSource != 0 }
  }

  /// The head of every state, through all automata in a row.
  func marks(_ blocking: Set<UInt32>, _ alphabet: ByteAlphabet) -> [UInt32] {
    let guarded = StateGraph([paths], alphabet).leading { blocking.contains(paths.labels[$0]) }
    var marks: [UInt32] = []
    for (number, automaton) in all.enumerated() {
      for (state, label) in automaton.labels.enumerated() {
        marks.append(StateMark(label: label, isGuarded: number == 0 && guarded[state]).rawValue)
      }
    }
    return marks
  }
}
