/// What becomes of a profile when it execs a file, as the kernel's `x_to_label` decides it.
package struct CompiledExec: Hashable, Sendable {
  package enum Target: Hashable, Sendable {
    /// No target is looked up: only the fallback counts (`ix`, `ux`).
    case none
    /// The profile of this namespace that attaches to the path best; a profile *named* like the path counts (`px`).
    case attachment
    /// The same among the children of this profile (`cx`).
    case childAttachment
    /// These profiles, in the order written; two or more make a stack (`px -> a`, `px -> a//&b`; `cx -> c` as
    /// `parent//c`). A name may begin with a namespace, `:ns:name`.
    case profiles([String])
    /// First `attachment` (with the fallback), then these profiles on top of what that gave (`pix -> &a`, `&a//&b`).
    case stacked([String])
  }
  /// What happens if the target is not found; with `Target.none`, what happens.
  package enum Fallback: Hashable, Sendable {
    case deny, inherit, unconfined
  }

  package var target: Target
  package var fallback: Fallback
  /// False: the kernel asks the loader to scrub the environment (`AT_SECURE`), as for `Px`.
  package var keepsEnvironment: Bool

  package init(target: Target, fallback: Fallback, keepsEnvironment: Bool) {
    self.target = target
    self.fallback = fallback
    self.keepsEnvironment = keepsEnvironment
  }

  /// Plain `ix`. Its environment is never scrubbed, since the profile stays the same.
  package static let inherit = CompiledExec(target: .none, fallback: .inherit, keepsEnvironment: true)
}

/// What one profile says of one kind of accessor (owner of the file, or anybody else).
///
/// On a name, `link` means that a hard link may be made there (to whatever target, as long as that is granted what the
/// name is) and `lock` locking; on a pair of names (`link NUL target`) they mean that the link may lead to this target,
/// and that it must not grant more than the target does. `append` is opening
/// with `O_APPEND`; the parser adds it to every `w`.
///
/// An access is allowed if `allow` holds *all* requested bits. Allowed bits in `audit` are logged. Of the bits that were
/// not allowed, those in `quiet` are not logged; if none is left nothing is.
package struct FileVerdict: Hashable, Sendable {
  package var allow: FileBits
  package var audit: FileBits
  package var quiet: FileBits
  /// Nil unless exec is allowed.
  package var exec: CompiledExec?
  /// Links may be made under this name to some targets and not to others; `allow` does not hold `link` then. Only
  /// `link` rules with a target of their own cause this.
  package var linksToSome = false

  package init(allow: FileBits, audit: FileBits, quiet: FileBits, exec: CompiledExec? = nil) {
    self.allow = allow
    self.audit = audit
    self.quiet = quiet
    self.exec = exec
  }

  package static let nothing = FileVerdict(allow: [], audit: [], quiet: [])
}

/// What a profile says of one name.
package struct FilePermissions: Hashable, Sendable {
  /// For processes whose fsuid is the file's owner; creating a file counts as owning it.
  package var owner: FileVerdict
  package var other: FileVerdict
  /// The name is the label of a permitted `change_profile`.
  package var changesProfile: Bool
  /// The name is the label of a permitted `change_onexec`.
  package var changesOnExec: Bool

  package init(owner: FileVerdict, other: FileVerdict, changesProfile: Bool = false, changesOnExec: Bool = false) {
    self.owner = owner
    self.other = other
    self.changesProfile = changesProfile
    self.changesOnExec = changesOnExec
  }

  package static let nothing = FilePermissions(owner: .nothing, other: .nothing)

  /// From the two permission words of a state: 14 bits per half in each, owner first.
  ///
  /// - ACCEPT, per half: bits 0-6 the rights, 7 fall back to unconfined, 8 keep the environment, 9 fall back to inherit,
  ///   10-13 the target: 0 none, 1 unconfined, 2 by attachment, 3 child by attachment, from 4 on entries of the table.
  ///   Bit 31 is `change_profile`, bit 30 `change_onexec`.
  /// - ACCEPT2, per half: bits 0-6 audit, 7-13 quiet.
  ///
  /// Nil if a target is beyond the table; the kernel refuses such a profile.
  init?(_ accept: UInt32, _ accept2: UInt32, execTargets: [CompiledExec.Target]) {
    func half(_ shift: UInt32) -> FileVerdict? {
      let word = UInt16(truncatingIfNeeded: accept >> shift & 0x3fff)
      let word2 = UInt16(truncatingIfNeeded: accept2 >> shift & 0x3fff)
      guard let exec = CompiledExec(word, execTargets) else { return nil }
      let allow = FileBits(rawValue: UInt8(truncatingIfNeeded: word & 0x7f))
      return FileVerdict(
        allow: allow,
        audit: FileBits(rawValue: UInt8(truncatingIfNeeded: word2 & 0x7f)),
        quiet: FileBits(rawValue: UInt8(truncatingIfNeeded: word2 >> 7)),
        exec: allow.contains(.exec) ? exec : nil
      )
    }
    guard let owner = half(0), let other = half(14) else { return nil }
    self.owner = owner
    self.other = other
    changesProfile = accept & 0x8000_0000 != 0
    changesOnExec = accept & 0x4000_0000 != 0
  }

  /// Without what has no effect: `audit` counts for allowed bits only, `quiet` for the others only. Two names with equal
  /// records under this are treated and logged alike by the profile. (Not for pairs of names: there the kernel combines
  /// the words of two states.)
  package var effective: FilePermissions {
    var result = self
    for half in [\FilePermissions.owner, \FilePermissions.other] {
      result[keyPath: half].audit.formIntersection(result[keyPath: half].allow)
      result[keyPath: half].quiet.subtract(result[keyPath: half].allow)
    }
    return result
  }
}

extension CompiledExec {
  /// From the 14 bits of one half of ACCEPT; nil if the target is not in the table.
  fileprivate init?(_ word: UInt16, _ execTargets: [Target]) {
    let index = Int(word >> 10 & 0xf)
    fallback =
      word & 0x200 != 0 ? .inherit : word & 0x80 != 0 || index == 1 ? .unconfined : .deny
    keepsEnvironment = word & 0x100 != 0
    switch index {
    case 0, 1: target = .none
    case 2: target = .attachment
    case 3: target = .childAttachment
    default:
      guard index - 4 < execTargets.count else { return nil }
      target = execTargets[index - 4]
    }
    if target == .none, fallback == .inherit { keepsEnvironment = true }
  }
}

extension CompiledExec.Target {
  /// From an entry of the transition table: a label, or `&` and the label to stack.
  init(tableEntry: String) {
    let isStacked = tableEntry.utf8.first == UInt8(ascii: "&")
    let names = Self.components(isStacked ? tableEntry.dropFirst() : tableEntry[...])
    self = isStacked ? .stacked(names) : .profiles(names)
  }

  /// The parts of a label between `//&`.
  private static func components(_ label: Substring) -> [String] {
    let bytes = Array(label.utf8)
    var result: [String] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: "//&".utf8) {
        result.append(String(decoding: bytes[start..<index], as: UTF8.self))
        index += 3
        start = index
      } else {
        index += 1
      }
    }
    result.append(String(decoding: bytes[start...], as: UTF8.self))
    return result
  }
}
