import Diagnostics
import Frontend
import IR

/// The files of two sides, each distinct one parsed once.
struct ParsedSides: Sendable {
  /// Every distinct file.
  let map: SourceMap
  /// The files of the old side and of the new side, as indices into `map`, ascending.
  let members: [[Int]]
  /// The old side and the new side.
  let loaded: [LoadResult]

  /// Both lists are in order of name.
  init(_ sides: [[(name: String, bytes: [UInt8])]], jobs: Int) {
    struct Input: Sendable {
      let index: Int
      let name: String
      let bytes: [UInt8]
    }
    var inputs: [Input] = []
    var members: [[Int]] = [[], []]
    var next = [0, 0]
    func take(_ side: Int) {
      let file = sides[side][next[side]]
      members[side].append(inputs.count)
      inputs.append(Input(index: inputs.count, name: file.name, bytes: file.bytes))
      next[side] += 1
    }
    while next[0] < sides[0].count || next[1] < sides[1].count {
      guard next[0] < sides[0].count else { take(1); continue }
      guard next[1] < sides[1].count else { take(0); continue }
      let (old, new) = (sides[0][next[0]], sides[1][next[1]])
      if old.name == new.name, old.bytes == new.bytes {
        members[1].append(inputs.count)
        next[1] += 1
        take(0)
      } else {
        take(new.name.utf8.lexicographicallyPrecedes(old.name.utf8) ? 1 : 0)
      }
    }
    let progress = Progress("reading")
    let count = inputs.count
    let results = parallelMap(inputs, jobs: jobs, finished: { progress.show($0, of: count) }) {
      Frontend.read(name: $0.name, bytes: $0.bytes, index: $0.index)
    }
    let map = SourceMap(results.map(\.file))
    self.map = map
    self.members = members
    loaded = members.map { side in Frontend.join(side.map { results[$0] }, in: map) }
  }

  /// Errors of one side, those of joining its files included.
  private func errors(_ side: Int) -> [Diagnostic] {
    (loaded[side].diagnostics.filter { $0.severity == .error } + BuildRun.duplicates(loaded[side].policies)).inOrder()
  }

  /// The errors of both sides, as a reason to compare nothing; nil if there are none.
  func report(names: [String]) -> SideErrors? {
    let errors = (0..<2).map(errors)
    guard errors.contains(where: { !$0.isEmpty }) else { return nil }
    let sets = errors.map(Set.init)
    let both = errors[0].filter(sets[1].contains)
    let parts = [
      ("both sides", both),
      ("OLD, '\(names[0])'", errors[0].filter { !sets[1].contains($0) }),
      ("NEW, '\(names[1])'", errors[1].filter { !sets[0].contains($0) }),
    ]
    return SideErrors(parts: parts.filter { !$0.1.isEmpty }, map: map)
  }

  /// What a comparison has to leave out on both sides.
  struct LeftOut: Sendable {
    /// In order.
    var policies: [PolicyID] = []
    /// Files with errors that no policy has, sorted; what else they held is not known.
    var files: [String] = []
    /// The two sides word some of it differently.
    var isChanged = false
  }

  var leftOut: LeftOut {
    let broken = (0..<2).map(brokenFiles)
    let names = Set(broken.joined().map { map.files[$0].name })
    var policies: Set<PolicyID> = []
    for side in 0..<2 { policies.formUnion(unsound(side, lost: Set(broken[side].map { map.files[$0].name }))) }
    let shared = Set(members[0]).intersection(members[1])
    var changed = Set(broken.joined())
    for one in loaded.flatMap(\.policies) where policies.contains(one.policy.id) {
      changed.insert(one.spans.object.file.index)
    }
    return LeftOut(policies: policies.sorted(), files: names.sorted(), isChanged: !changed.isSubset(of: shared))
  }

  /// Files of a side with errors outside of their policies, as indices into `map`.
  private func brokenFiles(_ side: Int) -> Set<Int> {
    let errors = loaded[side].diagnostics.filter { $0.severity == .error }
    guard !errors.isEmpty else { return [] }
    let objects = Dictionary(grouping: loaded[side].policies.map(\.spans.object)) { $0.file }
    var result: Set<Int> = []
    for case let span? in errors.map(\.span) {
      let isInside = (objects[span.file] ?? []).contains { $0.start <= span.start && span.start < $0.end }
      if !isInside { result.insert(span.file.index) }
    }
    return result
  }

  /// Policies of a side that have no sound meaning, and those that its broken files may have lost: the other side has them
  /// in the file of that name.
  private func unsound(_ side: Int, lost files: Set<String>) -> Set<PolicyID> {
    let known = Set(loaded[side].policies.map(\.policy.id))
    var result = known.subtracting(BuildRun.sound(loaded[side].policies).map(\.policy.id))
    for other in loaded[1 - side].policies where files.contains(map[other.spans.object.file].name) {
      if !known.contains(other.policy.id) { result.insert(other.policy.id) }
    }
    return result
  }
}

/// Errors in the files of a side: nothing is compared, for a diff of half a policy would not be true.
struct SideErrors: Error {
  /// Which side, and its findings.
  let parts: [(side: String, findings: [Diagnostic])]
  let map: SourceMap

  /// For standard error.
  func text(colour: Bool, width: Int) -> String {
    let renderer = TextRenderer(colour: colour, width: width)
    return parts.map { part in
      "armorc: nothing was compared, for errors in \(DisplayText.safe(part.side)):\n"
        + part.findings.map { "\n" + renderer.render($0, map) }.joined()
    }.joined(separator: "\n")
  }
}
