import Automata
import IR

/// Policies, rules and paths.
///
/// Where an optional member is wrong, a stand-in is returned and the problem noted: with a problem nothing is used.
extension RecordReader {
  mutating func policies(_ tree: JSONTree?) -> [Policy]? {
    var seen: Set<PolicyID> = []
    return array(tree, "'policies'") { reader, item in
      guard let policy = reader.policy(item) else { return nil }
      if seen.insert(policy.id).inserted { return policy }
      reader.add("\(policy.id.kind.rawValue) '\(policy.id)' stands there twice", at: item.offset)
      return nil
    }
  }

  private mutating func policy(_ tree: JSONTree) -> Policy? {
    let members = object(
      tree,
      "a policy",
      required: ["kind", "name", "location", "selector", "rules"],
      optional: ["namespace", "apparmor", "notCompiled"]
    )
    guard let members else { return nil }
    let kind = word(members["kind"], "the kind of a policy", of: PolicyKind.self)
    if kind == .base, let offset = members["kind"]?.offset { add("a base list is no policy", at: offset) }
    let namespace = string(members["namespace"], "the namespace of a policy") ?? ""
    let name = string(members["name"], "the name of a policy")
    let location = location(members["location"])
    let selector = selector(members["selector"])
    let native = native(members["apparmor"])
    // Rules and parts are read even where the policy has no name: all problems are reported.
    let id = PolicyID(kind: kind ?? .pod, namespace: namespace, name: name ?? "")
    let parts = array(members["notCompiled"], "'notCompiled'") { $0.part($1, id) } ?? []
    var last = -1
    let rules = array(members["rules"], "'rules'") { reader, item -> Rule? in
      guard let rule = reader.rule(item, id) else { return nil }
      if rule.origin.position <= last {
        reader.add("position \(rule.origin.position) does not follow \(last)", at: item.offset)
      }
      last = max(last, rule.origin.position)
      return rule
    }
    guard kind != nil, name != nil, let location, let selector, let rules else { return nil }
    return Policy(
      id: id,
      selector: selector,
      rules: rules,
      nativeAppArmor: native,
      notCompiled: parts,
      location: location
    )
  }

  private mutating func native(_ tree: JSONTree?) -> NativeText? {
    guard let members = object(tree, "'apparmor'", required: ["text", "location"]) else { return nil }
    let text = string(members["text"], "the text of 'apparmor'")
    let location = location(members["location"])
    guard let text, let location else { return nil }
    return NativeText(text: text, location: location)
  }

  /// `[file, line, column]`.
  private mutating func location(_ tree: JSONTree?) -> Location? {
    guard let tree, let parts = array(tree, "a location") else { return nil }
    guard parts.count == 3 else {
      add("a location has \(parts.count) parts, expected file, line and column", at: tree.offset)
      return nil
    }
    let file = string(parts[0], "the file of a location")
    let line = integer(parts[1], "the line of a location", in: 1...PolicyRecord.maximumPosition)
    let column = integer(parts[2], "the column of a location", in: 1...PolicyRecord.maximumPosition)
    guard let file, let line, let column else { return nil }
    return Location(file: file, line: line, column: column)
  }

  private mutating func origin(_ members: Members, _ id: PolicyID) -> Origin? {
    let position = integer(members["position"], "a position", in: 0...PolicyRecord.maximumPosition)
    let path = string(members["path"], "'path'")
    let location = location(members["location"])
    guard let position, let path, let location else { return nil }
    return Origin(policy: id, position: position, path: path, location: location)
  }

  private mutating func part(_ tree: JSONTree, _ id: PolicyID) -> NotCompiled? {
    if case .object(let all) = tree.value, all.contains(where: { $0.key == "preset" }) {
      return preset(tree, id).map { NotCompiled($0) }
    }
    let members = object(
      tree,
      "a part that is not compiled",
      required: ["position", "path", "location", "class", "what", "reason"]
    )
    guard let members else { return nil }
    let origin = origin(members, id)
    let resourceClass = word(members["class"], "a class", of: ResourceClass.self)
    let what = string(members["what"], "'what'")
    let reason = string(members["reason"], "'reason'")
    guard let origin, let resourceClass, let what, let reason else { return nil }
    return NotCompiled(resourceClass: resourceClass, what: what, reason: reason, origin: origin)
  }

  private mutating func preset(_ tree: JSONTree, _ id: PolicyID) -> PresetRule? {
    let members = object(
      tree,
      "a preset",
      required: ["position", "path", "location", "preset", "action"],
      optional: ["severity", "tags", "message"]
    )
    guard let members else { return nil }
    let origin = origin(members, id)
    let preset = word(members["preset"], "a preset", of: Preset.self)
    let action = word(members["action"], "an action", of: Action.self)
    if let tree = members["action"], action == .allow {
      add("a preset is 'Allow', expected 'Audit' or 'Block'", at: tree.offset)
    }
    let severity = integer(members["severity"], "a severity", in: 0...10) ?? 0
    let tags = strings(members["tags"], "'tags'") ?? []
    let message = string(members["message"], "a message") ?? ""
    guard let origin, let preset, let action else { return nil }
    return PresetRule(preset, action: action, severity: severity, tags: tags, message: message, origin: origin)
  }

  private static let targets = ["process", "file", "network", "capability", "syscalls"]

  private mutating func rule(_ tree: JSONTree, _ id: PolicyID) -> Rule? {
    let members = object(
      tree,
      "a rule",
      required: ["position", "path", "location", "action"],
      optional: RecordReader.targets + [
        "argument", "sources", "ownerOnly", "readOnly", "condition", "severity", "tags", "message",
      ]
    )
    guard let members else { return nil }
    let origin = origin(members, id)
    let action = word(members["action"], "an action", of: Action.self)
    let target = target(members)
    let sources = array(members["sources"], "'sources'") { $0.paths($1) } ?? []
    if let target { check(target, sources, action, members) }
    let ownerOnly = bool(members["ownerOnly"], "'ownerOnly'") ?? false
    let readOnly = bool(members["readOnly"], "'readOnly'") ?? false
    let condition = condition(members["condition"])
    let severity = integer(members["severity"], "a severity", in: 0...10) ?? 0
    let tags = strings(members["tags"], "'tags'") ?? []
    let message = string(members["message"], "a message") ?? ""
    guard let origin, let action, let target else { return nil }
    return Rule(
      target: target,
      sources: sources,
      action: action,
      ownerOnly: ownerOnly,
      readOnly: readOnly,
      condition: condition,
      severity: severity,
      tags: tags,
      message: message,
      origin: origin
    )
  }

  /// What the front end never makes: such a rule would be judged otherwise than it reads.
  private mutating func check(_ target: Rule.Target, _ sources: [PathSet], _ action: Action?, _ members: Members) {
    if case .syscall = target {
      if let action, action != .audit {
        add("a rule of system calls is '\(action.rawValue)', expected 'Audit'", at: members.offset)
      }
      return
    }
    let isLiteral = sources.allSatisfy { if case .literal = $0 { true } else { false } }
    if !isLiteral { add("a source is no path; only rules of system calls know others", at: members.offset) }
    if let tree = members["argument"] { add("'argument' belongs to 'syscalls' alone", at: tree.offset) }
  }

  private mutating func condition(_ tree: JSONTree?) -> Rule.Condition? {
    guard let members = object(tree, "a condition", required: ["allowedArgs"], optional: ["pts"]) else { return nil }
    let arguments = strings(members["allowedArgs"], "'allowedArgs'")
    return arguments.map { Rule.Condition(pts: bool(members["pts"], "'pts'"), allowedArguments: $0) }
  }

  private mutating func target(_ members: Members) -> Rule.Target? {
    let given = RecordReader.targets.filter { members[$0] != nil }
    guard given.count == 1, let key = given.first, let tree = members[key] else {
      let known = RecordReader.targets.map { "'\($0)'" }.joined(separator: ", ")
      add("a rule speaks of \(given.count) things, expected one of \(known)", at: members.offset)
      return nil
    }
    switch key {
    case "process": return paths(tree).map(Rule.Target.process)
    case "file": return paths(tree).map(Rule.Target.file)
    case "network": return word(tree, "a protocol", of: NetworkProtocol.self).map(Rule.Target.network)
    case "capability":
      guard let name = string(tree, "a capability") else { return nil }
      if let found = Capability(name: name), found.name == name { return .capability(found) }
      add("'\(name)' is no capability", at: tree.offset)
      return nil
    default: return syscalls(tree, argument: members["argument"])
    }
  }

  private mutating func syscalls(_ tree: JSONTree, argument: JSONTree?) -> Rule.Target? {
    let names = array(tree, "'syscalls'") { reader, item -> String? in
      guard let name = reader.string(item, "a system call") else { return nil }
      let isName =
        !name.isEmpty
        && name.utf8.allSatisfy { byte in
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
        }
      if isName { return name }
      reader.add("'\(name)' is no name of a system call", at: item.offset)
      return nil
    }
    let path = argument.flatMap { paths($0) }
    guard let names else { return nil }
    if !names.isEmpty { return .syscall(names, path: path) }
    add("'syscalls' names no system call", at: tree.offset)
    return nil
  }

  // MARK: Paths

  private mutating func paths(_ tree: JSONTree) -> PathSet? {
    guard case .object(let all) = tree.value, let key = all.first?.key else {
      add("a set of paths is \(tree.typeName), expected 'path', 'name', 'dir' or 'pattern'", at: tree.offset)
      return nil
    }
    if key == "dir" || all.contains(where: { $0.key == "dir" }) { return directory(tree) }
    guard ["path", "name", "pattern"].contains(key) else {
      add("a set of paths has '\(key)', expected 'path', 'name', 'dir' or 'pattern'", at: tree.offset)
      return nil
    }
    guard let members = object(tree, "a set of paths", required: [key]), let value = members[key],
      let bytes = byteString(value)
    else { return nil }
    switch key {
    case "path": return path(bytes, value).map(PathSet.literal)
    case "name":
      if !bytes.isEmpty, !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")) { return .basename(bytes) }
      add("'\(printable(bytes))' is no name of a file", at: value.offset)
      return nil
    default:
      do {
        return .glob(try Glob(bytes))
      } catch {
        add("'\(printable(bytes.prefix(200)))' is no pattern: \(error.message)", at: value.offset)
        return nil
      }
    }
  }

  private mutating func directory(_ tree: JSONTree) -> PathSet? {
    guard let members = object(tree, "a directory", required: ["dir", "recursive", "self"]), let value = members["dir"]
    else { return nil }
    let directory = byteString(value).flatMap { path($0, value) }
    let recursive = bool(members["recursive"], "'recursive'")
    let includesSelf = bool(members["self"], "'self'")
    guard let directory, let recursive, let includesSelf else { return nil }
    return .directory(directory, recursive: recursive, includesSelf: includesSelf)
  }

  private mutating func path(_ bytes: [UInt8], _ tree: JSONTree) -> BytePath? {
    if let path = BytePath(bytes) { return path }
    let shown = printable(bytes.prefix(200))
    switch BytePath.defect(of: bytes) {
    case .tooLong?:
      add("a path of \(bytes.count) bytes; at most \(BytePath.maximumLength) are possible", at: tree.offset)
    default: add("'\(shown)' is no absolute, normal path", at: tree.offset)
    }
    return nil
  }

  /// A string, or `{"hex": …}` for bytes that are no UTF-8.
  private mutating func byteString(_ tree: JSONTree) -> [UInt8]? {
    if case .string(let text) = tree.value { return Array(text.utf8) }
    guard let members = object(tree, "a byte string", required: ["hex"]), let value = members["hex"],
      let text = string(value, "'hex'")
    else { return nil }
    if let bytes = Hexadecimal.bytes(text) { return bytes }
    add("'hex' is no even number of hexadecimal digits", at: value.offset)
    return nil
  }
}
