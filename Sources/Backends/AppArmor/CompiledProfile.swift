/// One profile of a binary policy.
///
/// # How the kernel decides with it
///
/// - *One profile.* Files: walk the file automaton over the name, take the half of the accessor. Capabilities: the sets
///   below. Everything else: the policy database; what it does not mediate is allowed.
/// - *Its mode.* In complain mode a refused access is allowed and logged as such, except that quietly denied ones
///   (`deny` without `audit`) stay refused and unlogged. In kill mode a refusal also kills. In unconfined mode nothing
///   is asked. `auditsAll` logs every allowed access and voids `quiet`.
/// - *A stack of profiles* (`a//&b`). Every component is asked, on its own, for the whole request; unconfined components
///   are skipped. The access is allowed if *all* allow it (in complain mode: let it pass): a stack is the intersection.
///   Each component audits for itself, with its own `audit` and `quiet` bits and its own mode, and its record carries
///   its own `profile=` name: an access refused by two components gives two records, one refused by `b` and audited by
///   `a` gives one AUDIT and one DENIED record. A component in complain mode that refuses logs ALLOWED and has no other
///   effect, which makes it an observer.
/// - *Exec from a stack.* Every component makes its own transition, with its own table; the results are merged as a set.
///   If any component refuses, exec fails. Components that are added must also grant `read` on the file, its
///   interpreter and its loader, since the kernel checks the new image again in them.
/// - *Hard links.* Decided on the pair of names, see `allowsLink`.
package struct CompiledProfile: Sendable {
  package enum Mode: UInt32, Sendable {
    case enforce, complain, kill, unconfined
  }

  /// Capability numbers as bits.
  package struct Capabilities: Hashable, Sendable {
    package var allow: UInt64 = 0
    package var audit: UInt64 = 0
    package var quiet: UInt64 = 0
  }

  /// Full name; children and hats are called `parent//child`.
  package var name: String
  /// The namespace that the stream names for it, if any.
  package var namespace: String?
  /// The attachment as text, from parsers that keep it (3.0.8 does not).
  package var attachment: String?
  /// Decides to which executables the profile attaches by itself; nil for profiles without attachment.
  package var attachmentDFA: CompiledDFA?
  package var isHat = false
  package var mode = Mode.enforce
  package var auditsAll = false
  /// 0x4 attach_disconnected, 0x8 chroot_relative, 0x10000 mediate_deleted; see the kernel's `path.h`.
  package var pathFlags = CompiledProfile.mediateDeleted
  package var capabilities = Capabilities()
  /// Nil: no file rule, everything refused.
  package var fileDFA: CompiledDFA?
  /// Nil: nothing mediated but files and capabilities.
  package var policyDB: CompiledDFA?
  /// The transition table, in order; entries as in the profile's text (`name`, `a//&b`, `&a`, `:ns:name`).
  package var execTargets: [String] = []
  /// The kernel ABI that the stream was made for, 5...9.
  package var abi: UInt32

  package static let attachDisconnected: UInt32 = 0x4
  package static let mediateDeleted: UInt32 = 0x10000

  init(name: String, namespace: String?, abi: UInt32) {
    self.name = name
    self.namespace = namespace
    self.abi = abi
  }

  /// Whether the profile's attachment matches a path. (Which of several wins is decided by the longest match.)
  package func attaches(to path: [UInt8]) -> Bool {
    guard let attachmentDFA, !path.contains(0) else { return false }
    return attachmentDFA.accept[Int(attachmentDFA.walk(path, from: attachmentDFA.start))] & 1 != 0
  }
}
