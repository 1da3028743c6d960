internal import CBpf
internal import Glibc

/// The programs that pinned links hold, by the numbers that the kernel gave them.
struct PinnedPrograms {
  private let numbers: [UInt32]

  init(_ paths: NodePaths) {
    let names = (try? FileAccess.entries(of: paths.pins + "/links")) ?? []
    numbers = names.compactMap { name in
      let link = unsafe bpf_obj_get(paths.link(name))
      guard link >= 0 else { return nil }
      defer { _ = close(link) }
      var info = bpf_link_info()
      var length = UInt32(MemoryLayout<bpf_link_info>.size)
      // The kernel fills in at most `length` bytes of the structure.
      return unsafe bpf_obj_get_info_by_fd(link, &info, &length) == 0 ? info.prog_id : nil
    }
  }

  /// Returns when none of them is left, after ten seconds at the latest.
  func waitUntilGone() {
    for number in numbers {
      for _ in 0..<1000 {
        let program = bpf_prog_get_fd_by_id(number)
        guard program >= 0 else { break }
        _ = close(program)
        usleep(10_000)
      }
    }
  }
}
