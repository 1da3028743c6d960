import Automata
import IR

/// All file names, sorted by the path class that a table gives their path and by which of a list of patterns match them.
/// The finest sorting that rules written with these patterns can make, so sets of names are sets of its labels, atoms.
struct NameAtoms {
  /// Labels are atoms.
  let classifier: Classifier
  /// Per atom: the path class of its names' paths; 0 for strings that are no names.
  let pathClass: [Int]
  /// Per atom: whether its names end in `/`.
  let isDirectory: [Bool]
  /// The atom of `/`.
  let root: Int
  /// Per pattern: its atoms, ascending.
  private let atomsOf: [NamePattern: [Int]]

  var count: Int { pathClass.count }

  /// - Throws: `BudgetError`; culprits are indices of `patterns`, or that count for the table's own automaton.
  init(_ table: DecisionTable, patterns: [NamePattern], budget: StateBudget) throws(BudgetError) {
    // Label 0: no name; else twice the class of the path, plus one for the name of a directory.
    let names = table.paths.lookingBehind(suffix: UInt8(ascii: "/")) { whole, stripped in
      if let stripped { return whole != 0 ? whole * 2 + 1 : stripped == 0 ? 0 : stripped * 2 + 1 }
      return whole * 2
    }
    let partition = try Partition.of(patterns.map(\.language), budget: budget)
    struct Atom: Hashable { var name: UInt32, members: UInt32 }
    var numbers: [Atom: UInt32] = [:]
    var atoms: [Atom] = []
    let product = try names.product(partition.classifier, budget: budget) { name, members in
      let atom = Atom(name: name, members: members)
      let fresh = UInt32(atoms.count)
      let number = numbers[atom] ?? fresh
      if number == fresh {
        numbers[atom] = fresh
        atoms.append(atom)
      }
      return number
    }
    classifier = product
    root = Int(product.label(of: [UInt8(ascii: "/")]))
    pathClass = atoms.map { Int($0.name / 2) }
    isDirectory = atoms.map { $0.name & 1 == 1 }
    var atomsOf: [NamePattern: [Int]] = [:]
    for (index, atom) in atoms.enumerated() {
      for member in partition.members[Int(atom.members)] { atomsOf[patterns[member], default: []].append(index) }
    }
    self.atomsOf = atomsOf
  }

  /// The atoms of some of the patterns the sorting was made for.
  func atoms(of patterns: [NamePattern]) -> [Int] {
    if patterns.count == 1 { return atomsOf[patterns[0]] ?? [] }
    return Set(patterns.flatMap { atomsOf[$0] ?? [] }).sorted()
  }

  /// The atom of one name.
  func atom(of name: [UInt8]) -> Int { Int(classifier.label(of: name)) }
}

/// An operation by the owner of a file, or by others: what rules and verdicts of paths are kept for.
struct Facet: Hashable, Sendable {
  /// 0 ..< `count`.
  let index: Int
  static let count = 6
  static let all = (0..<count).map(Facet.init(index:))

  init(index: Int) { self.index = index }
  init(_ operation: PathOperation, isOwner: Bool) { index = Int(operation.rawValue) * 2 + (isOwner ? 1 : 0) }

  var operation: PathOperation { PathOperation.allCases[index / 2] }
  var isOwner: Bool { index & 1 == 1 }

  /// The facets that a clause speaks of.
  static func of(_ clause: Clause) -> [Facet] {
    all.filter { clause.operations.contains($0.operation) && clause.owner.holds(isOwner: $0.isOwner) }
  }
}
