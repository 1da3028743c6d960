package import Bundle
package import IR

/// A decision in the terms of an image: rules that say the same are one record.
package func inRecords(_ decision: Decision, _ rules: [Rule]) -> ImageDecision {
  switch decision.decider {
  case .nothing: return ImageDecision(verdict: decision.verdict, decider: .nothing)
  case .posture(let resourceClass):
    return ImageDecision(verdict: decision.verdict, decider: .posture(resourceClass))
  case .rule(let origin):
    guard let rule = rules.first(where: { $0.origin == origin }) else {
      return ImageDecision(verdict: decision.verdict, decider: .nothing)
    }
    return ImageDecision(verdict: decision.verdict, decider: .rule(ImageRecord(rule)))
  }
}

/// A subject with a `Block` rule for each of some paths, of one policy or of a policy each.
package func literalSubject(_ paths: [String], perRule: Bool = false) -> SubjectPolicy {
  func policy(_ name: String, _ paths: ArraySlice<String>) -> Policy {
    let id = PolicyID(kind: .pod, namespace: "default", name: name)
    let location = Location(file: "p.yaml", line: 1, column: 1)
    let rules = paths.enumerated().compactMap { index, path in
      BytePath(path).map { path in
        Rule(
          target: .file(.literal(path)),
          action: .block,
          origin: Origin(policy: id, position: index, path: "spec.file.matchPaths[\(index)]", location: location)
        )
      }
    }
    return Policy(id: id, selector: .pods(PodSelector(namespaces: .one("default"))), rules: rules, location: location)
  }
  return SubjectPolicy(
    name: "literals",
    subject: .selection(.nothing),
    policies: perRule
      ? paths.indices.map { policy("p\($0)", paths[$0...$0]) } : [policy("p", paths[...])],
    postures: Postures()
  )
}

/// Paths that share neither beginnings nor ends: 40 bytes of their own each.
package func scatteredPaths(_ count: Int) -> [String] {
  var state: UInt64 = 1
  return (0..<count).map { number in
    var tail = ""
    for _ in 0..<40 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      tail.unicodeScalars.append(Unicode.Scalar(UInt8(ascii: "a") + UInt8((state >> 33) % 26)))
    }
    return "/srv/\(number)/\(tail)"
  }
}

/// The subject with one more policy, of presets.
package func withPresets(
  _ subject: SubjectPolicy,
  _ presets: [(Preset, Action)] = [(.filelessExec, .block), (.protectEnv, .audit), (.protectProc, .block)],
  policy: String = "presets",
  severity: Int = 0
) -> SubjectPolicy {
  let id = PolicyID(kind: .pod, namespace: "default", name: policy)
  let location = Location(file: "presets.yaml", line: 1, column: 1)
  let parts = presets.enumerated().map { index, entry in
    NotCompiled(
      PresetRule(
        entry.0,
        action: entry.1,
        severity: severity,
        message: policy,
        origin: Origin(policy: id, position: index, path: "spec.presets[\(index)]", location: location)
      )
    )
  }
  var subject = subject
  subject.policies.append(
    Policy(
      id: id,
      selector: .pods(PodSelector(namespaces: .one("default"))),
      rules: [],
      notCompiled: parts,
      location: location
    )
  )
  subject.policies.sort { $0.id < $1.id }
  return subject
}
