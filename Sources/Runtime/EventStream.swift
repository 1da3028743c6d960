internal import Glibc

/// A file, a pipe or standard input, read piece by piece.
package struct EventStream: ~Copyable {
  package let name: String
  /// Bytes of a regular file; nil for what has no end yet.
  package let size: Int?
  package let descriptor: Int32
  private let isOwned: Bool

  /// `-` is standard input.
  package init(_ name: String) throws(FileError) {
    self.name = name
    if name == "-" {
      descriptor = STDIN_FILENO
      isOwned = false
    } else {
      descriptor = unsafe open(name, O_RDONLY | O_CLOEXEC)
      isOwned = true
      guard descriptor >= 0 else { throw .last("open", name) }
    }
    var info = stat()
    guard unsafe fstat(descriptor, &info) == 0 else {
      let error = FileError.last("read", name)
      if isOwned { close(descriptor) }
      throw error
    }
    guard info.st_mode & S_IFMT != S_IFDIR else {
      if isOwned { close(descriptor) }
      throw FileError("read", name, reason: "it is a directory")
    }
    size = info.st_mode & S_IFMT == S_IFREG ? Int(info.st_size) : nil
  }

  deinit { if isOwned { close(descriptor) } }

  /// What is there, at most `limit` bytes; waits until there is something. Empty at the end.
  package borrowing func read(upTo limit: Int) throws(FileError) -> [UInt8] {
    var failed = false
    let descriptor = descriptor
    // The buffer's own length bounds the read.
    let chunk = unsafe [UInt8](unsafeUninitializedCapacity: max(1, limit)) { buffer, count in
      var got = 0
      repeat { got = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count) } while got < 0 && errno == EINTR
      failed = got < 0
      count = max(0, got)
    }
    if failed { throw .last("read", name) }
    return chunk
  }

  /// Whether there is something to read, or the end, before so much time has passed. A regular file always has.
  package borrowing func isReady(within milliseconds: Int32) -> Bool {
    if size != nil { return true }
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // One pollfd is handed over, and its count.
    return unsafe poll(&wanted, 1, milliseconds) > 0
  }
}
