internal import Glibc

/// What `uname` says.
package struct KernelRelease: Hashable, Sendable {
  /// Such as `6.1.0-28-cloud-amd64`.
  package let release: String
  /// Such as `#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)`.
  package let version: String

  package init(release: String, version: String) {
    self.release = release
    self.version = version
  }

  package static var running: KernelRelease {
    var names = utsname()
    guard unsafe uname(&names) == 0 else { return KernelRelease(release: "", version: "") }
    // INVARIANT: uname fills in NUL-terminated strings.
    func text<Field>(_ field: Field) -> String {
      unsafe withUnsafeBytes(of: field) { String(decoding: unsafe Array($0).prefix { $0 != 0 }, as: UTF8.self) }
    }
    return KernelRelease(release: text(names.release), version: text(names.version))
  }

  /// Major and minor number.
  package var numbers: (Int, Int) {
    let parts = release.split(separator: ".", maxSplits: 2).prefix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
    return (parts.first ?? 0, parts.count > 1 ? parts[1] : 0)
  }

  /// Whether a program may be told that a task has no storage while another looks its own up: before 6.2, where the kernel
  /// can be preempted. Which of the modes of PREEMPT_DYNAMIC is on can change at any time.
  package var losesTaskStorage: Bool {
    numbers < (6, 2) && version.contains("PREEMPT") && !version.contains("PREEMPT_VOLUNTARY")
  }
}
