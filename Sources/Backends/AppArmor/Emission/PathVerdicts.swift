import Automata
import IR

/// What the path rules of one profile must bring about, per facet, as sets of atoms.
struct PathVerdicts {
  /// Names on which the rules must answer right; on all others any answer will do.
  var care: [AtomSet]
  /// Must be refused.
  var block: [AtomSet]
  /// May be refused without harm, what `block` holds included.
  var mayBlock: [AtomSet]
  /// Must be let through and reported.
  var audit: [AtomSet]
  /// May be reported without harm.
  var mayAudit: [AtomSet]

  /// For a profile that decides alone; `verdict` is that of a path class.
  init(_ atoms: NameAtoms, verdict: (Int, Facet) -> Verdict) {
    care = PathVerdicts.care(atoms)
    func set(_ facet: Facet, _ wanted: Verdict) -> AtomSet {
      AtomSet(bound: atoms.count) {
        PathVerdicts.cares(atoms, $0, facet) && verdict(atoms.pathClass[$0], facet) == wanted
      }
    }
    block = Facet.all.map { set($0, .block) }
    audit = Facet.all.map { set($0, .audit) }
    mayBlock = block
    mayAudit = audit
    admitDontCare(atoms)
  }

  /// For a profile that is stacked on another: only what the other lets through, or leaves unreported, counts.
  init(_ atoms: NameAtoms, on base: (Int, Facet) -> Verdict, verdict: (Int, Facet) -> Verdict) {
    self.init(atoms, verdict: verdict)
    for facet in Facet.all {
      let index = facet.index
      func below(_ wanted: Verdict) -> AtomSet {
        AtomSet(bound: atoms.count) {
          PathVerdicts.cares(atoms, $0, facet) && base(atoms.pathClass[$0], facet) == wanted
        }
      }
      let blocked = below(.block)
      block[index] = block[index].subtracting(blocked)
      audit[index] = audit[index].subtracting(below(.audit))
      mayAudit[index] = mayAudit[index].union(blocked)
    }
  }

  /// Lets reading of these names alone.
  mutating func exemptReading(_ exempt: AtomSet) {
    for isOwner in [false, true] {
      let index = Facet(.read, isOwner: isOwner).index
      block[index] = block[index].subtracting(exempt)
      mayBlock[index] = mayBlock[index].subtracting(exempt)
    }
  }

  private mutating func admitDontCare(_ atoms: NameAtoms) {
    for facet in Facet.all {
      let free = AtomSet(bound: atoms.count) { !care[facet.index].contains($0) }
      mayBlock[facet.index] = mayBlock[facet.index].union(free)
      mayAudit[facet.index] = mayAudit[facet.index].union(free)
    }
  }

  private static func care(_ atoms: NameAtoms) -> [AtomSet] {
    Facet.all.map { facet in AtomSet(bound: atoms.count) { cares(atoms, $0, facet) } }
  }

  /// Directories are not executed; but files without a name in the namespace (memfd) are, as `/`.
  private static func cares(_ atoms: NameAtoms, _ atom: Int, _ facet: Facet) -> Bool {
    atoms.pathClass[atom] != 0
      && (facet.operation != .exec || !atoms.isDirectory[atom] || atom == atoms.root)
  }
}
