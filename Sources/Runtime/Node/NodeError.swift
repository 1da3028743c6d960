import Glibc

/// Why something on this node could not be done: lower case, no final period, what to do about it if that is known.
package struct NodeError: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String
  /// What libbpf and the verifier said, many lines; empty if nothing.
  package var log: String

  package init(_ message: String, log: String = "") {
    self.message = message
    self.log = log
  }

  package init(_ error: FileError) { self.init(error.description) }

  package init(_ doing: String, _ error: SystemError) { self.init("cannot \(doing): \(error)") }

  package var description: String { log.isEmpty ? message : message + "\n" + log }
}

extension SystemError: CustomStringConvertible {
  /// `bpf(BPF_MAP_CREATE): Operation not permitted (missing CAP_BPF)`.
  package var description: String {
    let advice = Privileges.advice(for: self)
    return "\(call): \(Errno.words(number))" + (advice.isEmpty ? "" : " (\(advice))")
  }
}

enum Errno {
  static func words(_ number: Int32) -> String {
    // INVARIANT: strerror returns a NUL-terminated string owned by libc; it is copied at once.
    unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
  }
}

/// What this process may do, as `/proc/self/status` has it.
package enum Privileges {
  package enum Capability: Int, CaseIterable, Sendable {
    case sysAdmin = 21
    case perfmon = 38
    case bpf = 39

    package var name: String {
      switch self {
      case .sysAdmin: "CAP_SYS_ADMIN"
      case .perfmon: "CAP_PERFMON"
      case .bpf: "CAP_BPF"
      }
    }
  }

  /// The effective set; nil if it cannot be read.
  package static var effective: UInt64? {
    guard let bytes = try? FileAccess.readKernelFile("/proc/self/status") else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("CapEff:") {
      return UInt64(line.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16)
    }
    return nil
  }

  package static func has(_ capability: Capability) -> Bool {
    (effective ?? ~0) >> UInt64(capability.rawValue) & 1 == 1
  }

  /// What loading AppArmor profiles takes.
  static var hasMACAdmin: Bool { (effective ?? ~0) >> 33 & 1 == 1 }

  /// Those that loading programs takes and this process lacks. CAP_SYS_ADMIN stands for the other two.
  package static var missing: [Capability] {
    has(.sysAdmin) ? [] : [Capability.bpf, .perfmon].filter { !has($0) }
  }

  /// Why a call was refused, if privileges or the kernel explain it.
  static func advice(for error: SystemError) -> String {
    switch error.number {
    case EPERM, EACCES:
      let missing = missing.map(\.name)
      if !missing.isEmpty {
        return "missing \(missing.joined(separator: " and ")): run as root or with these capabilities"
      }
      guard error.call.hasPrefix("bpf") else { return "" }
      return "the capabilities are there: a container's seccomp profile or kernel lockdown may forbid bpf()"
    case ENOSYS: return "this kernel is built without it"
    case EOPNOTSUPP where error.call.hasPrefix("bpf"), 524 where error.call.hasPrefix("bpf"):
      return "this kernel cannot attach to its functions: it needs CONFIG_FUNCTION_TRACER and the BPF JIT"
    default: return ""
    }
  }
}

extension FileAccess {
  /// A small file of procfs, sysfs or securityfs, whose size is not known before it is read.
  package static func readKernelFile(_ path: String) throws(FileError) -> [UInt8] { try read(path, limit: 1 << 22) }

  /// The words of such a file without blanks at its ends; nil if it cannot be read.
  package static func kernelText(_ path: String) -> String? {
    guard let bytes = try? readKernelFile(path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let kept = text.drop { $0 == " " || $0 == "\n" }
    return String(kept.reversed().drop { $0 == " " || $0 == "\n" || $0 == "\0" }.reversed())
  }
}
