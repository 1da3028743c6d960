import Diagnostics
import IR

/// Rules of every section.
extension PolicyDecoder {
  mutating func rule(_ item: Node, _ shape: ObjectShape, _ list: Span, _ path: String, _ outer: Attributes) {
    let errors = reader.findings.errorCount
    if case .scalar(let scalar) = item.content, !item.isNull, let key = shape.fields.first?.name,
      shape !== PolicySchema.syscallRule
    {
      // `- /bin/sh` where `- path: /bin/sh` is expected.
      reader.findings.add(
        .wrongType,
        "\(shape.title) is \(item.kindName), expected a mapping",
        at: reader.firstLine(item.span),
        caption: "expected '\(key): \(scalar.value.prefix(60))'",
        fixes: [FixIt("write '\(key): '", span: item.span.startPoint, replacement: key + ": ", applicability: .unsafe)]
      )
      _ = origin(item, list, nil, path, outer)
      return
    }
    guard let fields = reader.open(item, as: shape, anchor: reader.firstLine(item.span), name: nil) else {
      _ = origin(item, list, nil, path, outer)
      return
    }
    let attributes = reader.attributes(fields, from: outer)
    // The first field of every shape of a rule says what it speaks of; 'execname' stands in for 'path'.
    let subject = fields.slots.first.flatMap { $0 } ?? fields["execname"]
    let origin = origin(item, list, subject?.value.span, path, attributes)
    spans.rules[origin.position].subjectKey = subject?.key.span
    spans.rules[origin.position].readOnly = fields["readOnly"]?.value.span
    spans.rules[origin.position].ownerOnly = fields["ownerOnly"]?.value.span
    let targets = targets(fields, shape, origin, attributes)
    let sources = sources(fields, shape, origin)
    let ownerOnly = reader.boolean(fields["ownerOnly"]) ?? false
    let readOnly = reader.boolean(fields["readOnly"]) ?? false
    let condition = condition(fields)
    let isSyscall = shape === PolicySchema.syscallRule || shape === PolicySchema.syscallPath
    guard reader.findings.errorCount == errors, isSyscall || !attributes.isActionBroken else { return }
    for (index, target) in targets.enumerated() {
      // Pieces of a comma list share the entry's place but are rules of their own.
      var origin = origin
      if index > 0 {
        let position = spans.rules.count
        spans.rules.append(spans.rules[origin.position])
        origin = Origin(policy: id, position: position, path: path, location: origin.location)
      }
      rules.append(
        Rule(
          target: target,
          sources: sources,
          action: isSyscall ? .audit : attributes.action ?? .block,
          ownerOnly: ownerOnly,
          readOnly: readOnly,
          condition: condition,
          severity: attributes.severity,
          tags: attributes.tags,
          message: attributes.message,
          origin: origin
        )
      )
    }
  }

  /// What the rule speaks of; several for a comma list, none after an error or when it has no compiled form.
  private mutating func targets(
    _ fields: Fields,
    _ shape: ObjectShape,
    _ origin: Origin,
    _ attributes: Attributes
  ) -> [Rule.Target] {
    switch ObjectIdentifier(shape) {
    case ObjectIdentifier(PolicySchema.processPath): return processPath(fields)
    case ObjectIdentifier(PolicySchema.filePath):
      return reader.path(fields["path"]).map { [.file(.literal($0))] } ?? []
    case ObjectIdentifier(PolicySchema.processDirectory):
      let isRecursive = reader.boolean(fields["recursive"]) ?? false
      guard let dir = reader.directory(fields["dir"]) else { return [] }
      return [.process(.directory(dir, recursive: isRecursive, includesSelf: false))]
    case ObjectIdentifier(PolicySchema.fileDirectory):
      let isRecursive = reader.boolean(fields["recursive"]) ?? false
      guard let dir = reader.directory(fields["dir"]) else { return [] }
      return [.file(.directory(dir, recursive: isRecursive, includesSelf: true))]
    case ObjectIdentifier(PolicySchema.processPattern):
      return reader.pattern(fields["pattern"]).map { [.process(.glob($0))] } ?? []
    case ObjectIdentifier(PolicySchema.filePattern):
      return reader.pattern(fields["pattern"]).map { [.file(.glob($0))] } ?? []
    case ObjectIdentifier(PolicySchema.networkProtocol):
      return reader.protocols(fields["protocol"]).map(Rule.Target.network)
    case ObjectIdentifier(PolicySchema.capabilityRule):
      return reader.capabilities(fields["capability"]).map(Rule.Target.capability)
    case ObjectIdentifier(PolicySchema.syscallRule):
      let names = reader.syscalls(fields["syscall"])
      return names.isEmpty ? [] : [.syscall(names, path: nil)]
    case ObjectIdentifier(PolicySchema.syscallPath):
      let names = reader.syscalls(fields["syscall"])
      guard let path = syscallPath(fields), !names.isEmpty else { return [] }
      return [.syscall(names, path: path)]
    case ObjectIdentifier(PolicySchema.dnsQuery):
      if let domain = reader.string(fields["domain"]) {
        let action = (attributes.action ?? .block).rawValue
        keep(
          .dns,
          "DNS query for '\(domain)' (\(action))",
          "names are asked for over UDP, TCP, TLS and HTTPS, on any port and through caches: no hook sees them all",
          origin
        )
      }
      return []
    case ObjectIdentifier(PolicySchema.deviceRule):
      device(fields, origin, attributes)
      return []
    default: return []
    }
  }

  private func processPath(_ fields: Fields) -> [Rule.Target] {
    switch (fields["path"], fields["execname"]) {
    case (nil, nil):
      reader.findings.add(
        .pathOrExecname,
        "rule has neither 'path' nor 'execname'",
        at: fields.anchor,
        caption: "expected one of them",
        notes: ["KubeArmor accepts such a rule and ignores it"]
      )
      return []
    case (let path?, let name?):
      reader.findings.add(
        .pathOrExecname,
        "rule has both 'path' and 'execname'",
        at: name.key.span,
        caption: "KubeArmor takes this one",
        labels: [Label(path.key.span, "and ignores this one")],
        notes: ["expected one of them; write two rules to mean both"]
      )
      return []
    case (let path?, nil): return reader.path(path).map { [.process(.literal($0))] } ?? []
    case (nil, let name?): return reader.execname(name).map { [.process(.basename($0))] } ?? []
    }
  }

  /// The path argument of a system call: a file, or a directory written with its slash.
  private func syscallPath(_ fields: Fields) -> PathSet? {
    let isRecursive = reader.boolean(fields["recursive"]) ?? false
    guard let slot = fields["path"], let text = reader.string(slot) else { return nil }
    guard text.hasSuffix("/") else {
      if isRecursive, let recursive = fields["recursive"] {
        reader.findings.add(
          .directoryWithoutSlash,
          "'recursive' needs a directory, and path \(quoted(text)) does not end in '/'",
          at: slot.value.span,
          labels: [Label(recursive.key.span, "here")],
          fixes: [FixIt("add the slash", span: slot.value.span.endPoint, replacement: "/", applicability: .unsafe)]
        )
        return nil
      }
      return reader.path(slot).map(PathSet.literal)
    }
    return reader.directory(slot).map { .directory($0, recursive: isRecursive, includesSelf: true) }
  }

  private mutating func sources(_ fields: Fields, _ shape: ObjectShape, _ origin: Origin) -> [PathSet] {
    guard let slot = fields["fromSource"] else { return requireSource(fields, shape) }
    if slot.value.isNull { return [] }
    let isSyscall = shape === PolicySchema.syscallRule || shape === PolicySchema.syscallPath
    let isRequired = needsSource(shape)
    let items = isRequired ? reader.items(slot) : items(slot)
    var result: [PathSet] = []
    for item in items {
      if case .scalar(let scalar) = item.content, !item.isNull {
        reader.findings.add(
          .badSource,
          "an entry of 'fromSource' is \(item.kindName), expected a mapping with 'path'",
          at: item.span,
          caption: "expected 'path: \(scalar.value.prefix(60))'",
          fixes: [FixIt("write 'path: '", span: item.span.startPoint, replacement: "path: ", applicability: .unsafe)]
        )
        continue
      }
      let entryShape = isSyscall ? PolicySchema.syscallSource : PolicySchema.source
      guard let entry = reader.open(item, as: entryShape, anchor: reader.firstLine(item.span), name: nil) else {
        continue
      }
      spans.rules[origin.position].sources.append((entry["path"] ?? entry["dir"])?.value.span ?? item.span)
      if let set = isSyscall ? syscallSource(entry) : reader.path(entry["path"]).map(PathSet.literal) {
        result.append(set)
      }
    }
    return result
  }

  private func syscallSource(_ entry: Fields) -> PathSet? {
    let isRecursive = reader.boolean(entry["recursive"]) ?? false
    switch (entry["path"], entry["dir"]) {
    case (let path?, nil): return reader.path(path).map(PathSet.literal)
    case (nil, let dir?):
      return reader.directory(dir, mayLackSlash: true)
        .map { .directory($0, recursive: isRecursive, includesSelf: false) }
    case (nil, nil):
      reader.findings.add(
        .badSource,
        "entry of 'fromSource' has neither 'path' nor 'dir'",
        at: entry.anchor,
        caption: "expected one of them"
      )
      return nil
    case (let path?, let dir?):
      reader.findings.add(
        .badSource,
        "entry of 'fromSource' has both 'path' and 'dir'",
        at: dir.key.span,
        labels: [Label(path.key.span, "the other")],
        notes: ["expected one of them"]
      )
      return nil
    }
  }

  /// The CRD of a host policy wants `fromSource` on these, if only an empty one.
  private func needsSource(_ shape: ObjectShape) -> Bool {
    kind == .host && (shape === PolicySchema.networkProtocol || shape === PolicySchema.capabilityRule)
  }

  private func requireSource(_ fields: Fields, _ shape: ObjectShape) -> [PathSet] {
    guard needsSource(shape) else { return [] }
    reader.findings.add(
      .sourceRequired,
      "\(shape.title) of a KubeArmorHostPolicy has no 'fromSource'",
      at: fields.anchor,
      severity: .warning,
      notes: ["a cluster refuses the policy without it; 'fromSource: []' means every source"]
    )
    return []
  }

  private func condition(_ fields: Fields) -> Rule.Condition? {
    // `pts: true` excludes nothing.
    let pts = reader.boolean(fields["pts"]) == false ? false : nil
    let arguments = reader.strings(fields["allowedArgs"]) ?? []
    if arguments.count > 20, let slot = fields["allowedArgs"] {
      reader.findings.add(
        .outOfRange,
        "'allowedArgs' has \(arguments.count) items, expected at most 20",
        at: slot.key.span
      )
    }
    return pts == nil && arguments.isEmpty ? nil : Rule.Condition(pts: pts, allowedArguments: arguments)
  }
}
