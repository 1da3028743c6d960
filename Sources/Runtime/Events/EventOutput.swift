internal import Glibc

/// Standard output for a stream that a signal can end at any time, also while nobody reads it.
package struct EventOutput: ~Copyable {
  private let descriptor: Int32
  /// Only so much is written at once where writing may wait: as poll(2) promises room for.
  private let piece: Int

  package enum End: Error, Hashable, Sendable {
    /// Whoever read it is gone.
    case closed
    case interrupted
    case failed(FileError)
  }

  package init(_ descriptor: Int32 = STDOUT_FILENO) {
    self.descriptor = descriptor
    var info = stat()
    let isFile = unsafe fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
    piece = isFile ? 1 << 20 : 4096
  }

  package borrowing func write(_ bytes: [UInt8], unless interruption: borrowing Interruption) throws(End) {
    var offset = 0
    while offset < bytes.count {
      guard interruption.waitForRoom(in: descriptor) else { throw .interrupted }
      let count = min(piece, bytes.count - offset)
      // `count` bytes from `offset` lie in the array.
      let written = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), count)
      }
      if written >= 0 {
        offset += written
      } else if errno == EPIPE {
        throw .closed
      } else if errno != EINTR && errno != EAGAIN {
        throw .failed(.last("write", "standard output"))
      }
    }
  }
}
