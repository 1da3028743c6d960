package import Automata
package import IR

/// What AppArmor's kernel side would answer for one profile: the common form of a profile armorc is about to write (its
/// own model of the rules) and of one it read back from the parser's binary. Everything that compares profiles with a
/// decision table works on this form and so does not know which of the two it has.
package struct ProfileAccess: Sendable {
  package let name: String
  /// Nothing is denied but by quiet `deny` rules; what is not allowed is logged as ALLOWED.
  package let isComplain: Bool
  /// Sorts file *names* (a directory's name ends in `/`); labels index `fileRights`.
  package let files: Classifier
  package let fileRights: [FileRights]
  /// Per socket family and type.
  package let network: [SocketKey: Right]
  /// Per capability number.
  package let capabilities: [Right]

  package init(
    name: String,
    isComplain: Bool,
    files: Classifier,
    fileRights: [FileRights],
    network: [SocketKey: Right],
    capabilities: [Right]
  ) {
    self.name = name
    self.isComplain = isComplain
    self.files = files
    self.fileRights = fileRights
    self.network = network
    self.capabilities = capabilities
  }

  package func right(_ capability: Capability) -> Right {
    let index = Int(capability.rawValue)
    return index < capabilities.count ? capabilities[index] : .denied
  }
}

/// AppArmor decides sockets by family and type alone. Families 0...45, types 0...11.
package struct SocketKey: Hashable, Sendable {
  package let family: UInt16
  package let type: UInt8
  package init(family: UInt16, type: UInt8) {
    self.family = family
    self.type = type
  }
}

/// Allowed or not, and whether the kernel logs it.
package struct Right: Hashable, Sendable {
  package let isAllowed: Bool
  /// Allowed: by an `audit` rule. Not allowed: not silenced by a plain `deny`.
  package let isLogged: Bool
  package init(isAllowed: Bool, isLogged: Bool) {
    self.isAllowed = isAllowed
    self.isLogged = isLogged
  }
  /// What no rule speaks of.
  package static let denied = Right(isAllowed: false, isLogged: true)
}

/// File permission bits of compiled policy (`security/apparmor/include/file.h`): x w r a l k m.
package struct FileBits: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }
  package static let exec = FileBits(rawValue: 0x01)
  package static let write = FileBits(rawValue: 0x02)
  package static let read = FileBits(rawValue: 0x04)
  package static let append = FileBits(rawValue: 0x08)
  package static let link = FileBits(rawValue: 0x10)
  package static let lock = FileBits(rawValue: 0x20)
  package static let map = FileBits(rawValue: 0x40)
}

/// What one file name may be used for, by its owner and by others.
package struct FileRights: Hashable, Sendable {
  package var owner: Half
  package var other: Half

  package init(owner: Half, other: Half) {
    self.owner = owner
    self.other = other
  }

  package struct Half: Hashable, Sendable {
    package var allowed: FileBits
    /// Logged although allowed.
    package var audited: FileBits
    /// Not logged although not allowed.
    package var quiet: FileBits
    /// Where an allowed exec leads; nil when exec is not allowed.
    package var transition: ExecTransition?

    package init(
      allowed: FileBits = [],
      audited: FileBits = [],
      quiet: FileBits = [],
      transition: ExecTransition? = nil
    ) {
      self.allowed = allowed
      self.audited = audited
      self.quiet = quiet
      self.transition = transition
    }
  }
}

/// What an exec does to the component of the label that this profile is.
package enum ExecTransition: Hashable, Sendable {
  /// `ix`: stays.
  case inherit
  /// `px -> name` (`a//&b`: several): is replaced.
  case replace([String])
  /// `pix -> &name`: stays, and these are added to the label.
  case stack([String])
  /// Any other kind (`ux`, `px` by attachment, children); armorc writes none.
  case foreign(String)
}
