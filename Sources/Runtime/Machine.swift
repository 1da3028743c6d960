internal import CLinux

/// The machine this process runs on.
package enum Machine {
  /// Processors this process may use, at least 1.
  package static var coreCount: Int { max(1, Int(clinux_core_count())) }
}
