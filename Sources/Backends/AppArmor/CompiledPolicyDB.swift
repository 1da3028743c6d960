/// Permissions of the policy database for one request, in the kernel's `AA_MAY_…` bits.
///
/// A request is allowed if `allow` holds all its bits; logged if allowed and in `audit`; if refused, logged unless all
/// refused bits are in `quiet`.
package struct PolicyPermissions: Hashable, Sendable {
  package var allow: UInt32
  package var audit: UInt32
  package var quiet: UInt32

  package init(allow: UInt32, audit: UInt32, quiet: UInt32) {
    self.allow = allow
    self.audit = audit
    self.quiet = quiet
  }

  /// From the two permission words of a state. The words have two halves of 14 bits, like in the file automaton, but
  /// here the second half holds further rights: getattr and setattr; accept, bind, listen; setopt, getopt. ABI 9 gives
  /// the exec bits a meaning too.
  init(_ accept: UInt32, _ accept2: UInt32, abi: UInt32) {
    func rights(_ low: UInt32, _ high: UInt32) -> UInt32 {
      low & 0x7f | (high & 0x03) << 8 | (high & 0x1c) << 18 | (high & 0x60) << 19
    }
    func further(_ bits: UInt32) -> UInt32 { abi < 9 ? 0 : (bits & 1) << 7 | (bits & 0x7e) << 9 }
    allow = rights(accept, accept >> 14) | accept & 0x8000_0000 | further(accept >> 7)
    audit = rights(accept2, accept2 >> 14)
    quiet = rights(accept2 >> 7, accept2 >> 21) | further(accept2 >> 28)
  }
}

/// Classes of the policy database: the first byte of what it matches.
package enum PolicyClass: UInt8, Sendable {
  case file = 2
  case mount = 7
  case ptrace = 9
  case signal = 10
  case network = 14
  case dbus = 32
}

/// An answer to a yes/no question about a profile.
package struct AccessAnswer: Hashable, Sendable {
  package var isAllowed: Bool
  /// The access is logged even though it is allowed. False if it is not allowed.
  package var isAudited: Bool
  /// The refusal is not logged. False if the access is allowed.
  package var isQuiet: Bool

  package init(isAllowed: Bool, isAudited: Bool = false, isQuiet: Bool = false) {
    self.isAllowed = isAllowed
    self.isAudited = isAllowed && isAudited
    self.isQuiet = !isAllowed && isQuiet
  }
}

extension CompiledProfile {
  /// Whether the profile decides a class at all. The kernel steps the policy database over the class byte; if that
  /// leads to the trap, or there is no policy database, the class is not mediated and everything in it is allowed.
  /// Capabilities and files are not in it: they are always mediated.
  package func mediates(class byte: UInt8) -> Bool { policyState([byte]) != 0 }

  /// Permissions of what begins with these bytes (the class byte first). Nil: the class is not mediated.
  package func policyDBPermissions(prefix: [UInt8]) -> PolicyPermissions? {
    guard let byte = prefix.first, let policyDB, mediates(class: byte) else { return nil }
    let state = Int(policyState(prefix))
    return PolicyPermissions(policyDB.accept[state], policyDB.accept2[state], abi: abi)
  }

  /// The bits that socket operations ask for, one or several at a time: send, receive, create, shutdown, connect,
  /// setattr, getattr, accept, bind, listen, setopt, getopt.
  package static let socketRights: UInt32 = 0x0370_0376

  /// Whether sockets of this family and type (both as in `socket(2)`) may be made and used. Protocols are not mediated.
  /// The profile's mode is not considered.
  ///
  /// Allowed means that every operation is: the parser's `network` rules give all rights or none. A mixture, which it
  /// never writes, is reported as not allowed; `policyDBPermissions` tells which it is. Not mediated is allowed.
  package func allowsSocket(family: UInt16, type: UInt16) -> AccessAnswer {
    let prefix = [PolicyClass.network.rawValue] + [family, type].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    guard let permissions = policyDBPermissions(prefix: prefix) else { return AccessAnswer(isAllowed: true) }
    let refused = Self.socketRights & ~permissions.allow
    return AccessAnswer(
      isAllowed: refused == 0,
      isAudited: permissions.audit & Self.socketRights != 0,
      isQuiet: refused & ~permissions.quiet == 0
    )
  }

  /// Whether a capability (0...63) may be used. The profile's mode is not considered.
  package func allowsCapability(_ number: Int) -> AccessAnswer {
    guard 0..<64 ~= number else { return AccessAnswer(isAllowed: false) }
    func has(_ set: UInt64) -> Bool { set >> UInt64(number) & 1 == 1 }
    return AccessAnswer(
      isAllowed: has(capabilities.allow),
      isAudited: has(capabilities.audit),
      isQuiet: has(capabilities.quiet)
    )
  }

  private func policyState(_ bytes: [UInt8]) -> UInt16 {
    guard let policyDB else { return 0 }
    return policyDB.walk(bytes, from: policyDB.start)
  }
}
