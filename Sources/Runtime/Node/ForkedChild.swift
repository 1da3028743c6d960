internal import CLinux
internal import Glibc

/// Work that another process does, and that this one waits for.
enum ForkedChild {
  /// - Throws: the error of the work, by its words.
  static func run(_ body: () throws(NodeError) -> Void) throws(NodeError) {
    var ends: [Int32] = [-1, -1]
    // pipe fills exactly these two elements.
    guard unsafe pipe(&ends) == 0 else { throw NodeError("start a process", SystemError("pipe")) }
    // INVARIANT: the verbs of a node run on one thread.
    let child = clinux_fork()
    guard child >= 0 else {
      let error = SystemError("fork")
      _ = (close(ends[0]), close(ends[1]))
      throw NodeError("start a process", error)
    }
    if child == 0 {
      var status: Int32 = 0
      do throws(NodeError) { try body() } catch {
        status = 1
        try? FileAccess.write(Array(error.message.utf8), to: ends[1], name: "pipe")
      }
      _exit(status)
    }
    _ = close(ends[1])
    let message = FileAccess.readToEnd(ends[0])
    _ = close(ends[0])
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
    guard status != 0 else { return }
    throw NodeError(message.isEmpty ? "the process that attaches this one died" : message)
  }
}

extension FileAccess {
  /// What a short message through a pipe says.
  fileprivate static func readToEnd(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      // The buffer's own length bounds the read.
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { bytes += buffer[..<count] } else if count == 0 || errno != EINTR { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
