import IR

/// The records of one audit event: a decision, and what auditd wrote beside it.
struct AuditEvent {
  let decision: AuditFields
  private let syscall: AuditFields?
  private let paths: [AuditFields]
  private let directory: ArraySlice<UInt8>

  init(_ decision: AuditFields, companions: [AuditFields]) {
    self.decision = decision
    syscall = companions.first { $0.type == "SYSCALL" }
    paths = companions.filter { $0.type == "PATH" }
    directory = companions.first { $0.type == "CWD" }?.name("cwd")?[...] ?? []
  }

  /// The system call, where its name is written or its number is known.
  var call: String? {
    if let name = syscall?["SYSCALL"] { return name }
    guard let number = syscall?["syscall"] else { return nil }
    switch (syscall?["arch"], number) {
    case ("c000003e"?, "59"), ("c00000b7"?, "221"): return "execve"
    case ("c000003e"?, "322"), ("c00000b7"?, "281"): return "execveat"
    case ("c000003e"?, "90"), ("c000003e"?, "91"), ("c000003e"?, "268"), ("c00000b7"?, "52"), ("c00000b7"?, "53"):
      return "chmod"
    case ("c000003e"?, "92"), ("c000003e"?, "93"), ("c000003e"?, "94"), ("c000003e"?, "260"), ("c00000b7"?, "54"),
      ("c00000b7"?, "55"):
      return "chown"
    case ("c000003e"?, "280"), ("c00000b7"?, "88"): return "utimensat"
    default: return number.allSatisfy(\.isNumber) ? nil : number
    }
  }

  /// `exe=` of the SYSCALL record. After an exec that was let through it names the new program, not the caller.
  func source(ofExec isExec: Bool) -> PartialEvent.Source {
    let said = decision.name("exe") ?? syscall?.name("exe")
    if isExec, syscall?["success"] == "yes" { return .unknown("") }
    if let path = said.flatMap({ RecordedPath.absolute($0[...]) }) { return .known(path) }
    return .unknown(printable(decision.name("comm")?.prefix(64) ?? []))
  }

  /// Of the object: fsuid against ouid, from whichever record has them.
  var isOwner: Bool? {
    guard let actor = decision.number("fsuid") ?? syscall?.number("fsuid"),
      let owner = decision.number("ouid") ?? object?.number("ouid")
    else { return nil }
    return actor == owner
  }

  /// The PATH record of the object that the decision is about: the one with its inode, else the one with its name, else
  /// the only one.
  private var object: AuditFields? {
    if let inode = decision["ino"], let found = paths.first(where: { $0["inode"] == inode }) { return found }
    if let name = decision.name("name") ?? decision.name("path") {
      let last = name.split(separator: UInt8(ascii: "/")).last ?? []
      if let found = paths.first(where: { path in
        guard let theirs = path.name("name") else { return false }
        return (theirs.split(separator: UInt8(ascii: "/")).last ?? []).elementsEqual(last)
      }) {
        return found
      }
    }
    let named = paths.filter { $0["nametype"] != "PARENT" }
    return named.count == 1 ? named.first : nil
  }

  /// The path in `key`; a name alone is looked up in the PATH records.
  func path(_ key: String) -> PartialEvent.Path {
    let name = decision.name(key)
    if let path = name.flatMap({ RecordedPath.absolute($0[...]) }) { return .known(path) }
    if let full = object?.name("name") {
      let found = RecordedPath.read(full[...], in: directory)
      if case .oneOf = found { return found }
    }
    return name.map { RecordedPath.read($0[...]) } ?? .unknown("none is recorded")
  }

  /// The path of an entry that an event made or removed.
  var entry: PartialEvent.Path? {
    let found = paths.filter { $0["nametype"] == "CREATE" || $0["nametype"] == "DELETE" }
    guard found.count == 1, let name = found.first?.name("name") else { return nil }
    return RecordedPath.read(name[...], in: directory)
  }
}
