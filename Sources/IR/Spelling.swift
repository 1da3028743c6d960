/// Finds what a misspelt name was meant to be.
package enum Spelling {
  /// Names that people use for a field, by habit or from other tools; lower case.
  private static let aliases: [String: [String]] = [
    "version": ["apiVersion"], "api": ["apiVersion"], "type": ["kind"], "meta": ["metadata"],
    "msg": ["message"], "description": ["message"], "tag": ["tags"], "labels": ["matchLabels"],
    "allow": ["action"], "block": ["action"], "audit": ["action"], "act": ["action"], "priority": ["severity"],
    "directory": ["dir", "matchDirectories"], "directories": ["matchDirectories"], "dirs": ["matchDirectories"],
    "matchdirectory": ["matchDirectories"], "matchdirs": ["matchDirectories"], "matchdir": ["matchDirectories"],
    "matchfolders": ["matchDirectories"], "folder": ["dir"], "paths": ["matchPaths"], "matchfiles": ["matchPaths"],
    "matchfile": ["matchPaths"], "files": ["matchPaths", "file"], "patterns": ["matchPatterns"],
    "matchglobs": ["matchPatterns"], "regex": ["pattern"], "glob": ["pattern"],
    "protocols": ["matchProtocols", "protocol"], "proto": ["protocol"], "capability": ["capabilities"],
    "caps": ["capabilities"], "source": ["fromSource"], "sources": ["fromSource"], "fromsources": ["fromSource"],
    "from": ["fromSource"], "exec": ["execname"], "executable": ["execname"], "binary": ["execname"],
    "processes": ["process"], "selectors": ["selector"], "selectorlabels": ["selector"], "podselector": ["selector"],
    "nodeselectorlabels": ["nodeSelector"], "owner": ["ownerOnly"], "readonly": ["readOnly"],
    "recurse": ["recursive"], "syscalls": ["syscall"], "args": ["allowedArgs"], "arguments": ["allowedArgs"],
  ]

  /// The candidate that was probably meant by `word`, or nil.
  package static func correction(of word: String, among candidates: some Collection<String>) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    let folded = word.lowercased()
    if let same = candidates.first(where: { $0.lowercased() == folded }) { return same }
    if let known = aliases[folded], let found = known.first(where: { candidates.contains($0) }) { return found }
    let squeezed = folded.filter { $0 != "-" && $0 != "_" && $0 != " " }
    var best: (distance: Int, name: String)?
    for candidate in candidates {
      let target = candidate.lowercased()
      let limit = max(1, min(target.utf8.count, folded.utf8.count) / 3)
      let reach = min(limit, 3)
      let distance = min(editDistance(folded, target, limit: reach), editDistance(squeezed, target, limit: reach))
      guard distance <= reach else { continue }
      guard let current = best, current.distance <= distance else {
        best = (distance, candidate)
        continue
      }
    }
    return best?.name
  }

  /// Optimal string alignment distance over bytes, cut off above `limit`.
  package static func editDistance(_ a: String, _ b: String, limit: Int) -> Int {
    let first = Array(a.utf8)
    let second = Array(b.utf8)
    if abs(first.count - second.count) > limit { return limit + 1 }
    if first.isEmpty || second.isEmpty { return max(first.count, second.count) }
    var older: [Int] = []
    var previous = Array(0...second.count)
    for row in 1...first.count {
      var current = [row]
      current.reserveCapacity(second.count + 1)
      for column in 1...second.count {
        let cost = first[row - 1] == second[column - 1] ? 0 : 1
        var best = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + cost)
        if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
          best = min(best, older[column - 2] + 1)
        }
        current.append(best)
      }
      if (current.min() ?? 0) > limit { return limit + 1 }
      older = previous
      previous = current
    }
    return previous.last ?? 0
  }
}
