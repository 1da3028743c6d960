internal import Glibc
internal import Synchronization

/// Held while a descriptor is between creation and close-on-exec, and while a child starts: so no child of another
/// thread inherits one (and with it keeps a pipe from ending).
let descriptorGate = Mutex(())

/// A system call that failed, and its `errno`.
package struct SystemError: Error, Hashable, Sendable {
  package let call: String
  package let number: Int32

  package init(_ call: String, _ number: Int32 = errno) {
    self.call = call
    self.number = number
  }
}

/// An open file descriptor that closes with its owner and does not survive an exec by itself.
///
/// INVARIANT: `number` is at least 10, so it never collides with the low numbers that a child is to find.
struct Descriptor: ~Copyable {
  let number: Int32

  private init(number: Int32) { self.number = number }

  /// Takes over `low`, the result of `call`, which is closed in any case.
  static func moving(_ low: Int32, from call: String) throws(SystemError) -> Descriptor {
    guard low >= 0 else { throw SystemError(call) }
    let number = fcntl(low, F_DUPFD_CLOEXEC, 10)
    let problem = errno
    _ = close(low)
    guard number >= 0 else { throw SystemError("fcntl", problem) }
    return Descriptor(number: number)
  }

  deinit { _ = close(number) }

  /// A file without a name that holds `bytes` and is read from its beginning.
  static func file(holding bytes: [UInt8], in directory: String) throws(SystemError) -> Descriptor {
    let file = try descriptorGate.withLock { _ throws(SystemError) in
      var template = Array("\(directory)/armorc-XXXXXX".utf8CString)
      let low = unsafe template.withUnsafeMutableBufferPointer { buffer in
        // mkstemp reads and writes the NUL-terminated array; the base address of a non-empty array is never nil.
        guard let base = buffer.baseAddress else { return Int32(-1) }
        let low = unsafe mkstemp(base)
        if low >= 0 { _ = unsafe unlink(base) }
        return low
      }
      return try Descriptor.moving(low, from: "mkstemp")
    }
    var done = 0
    while done < bytes.count {
      // The buffer covers bytes[done...], whose length is passed along.
      let count = unsafe bytes[done...].withUnsafeBytes { unsafe write(file.number, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError("write") }
      done += count
    }
    guard lseek(file.number, 0, SEEK_SET) == 0 else { throw SystemError("lseek") }
    return file
  }

  /// What can be read at once, at most 64 KiB; empty at the end.
  borrowing func readSome(_ buffer: inout [UInt8]) throws(SystemError) -> Int {
    while true {
      // The buffer's own length bounds the read.
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, $0.count) }
      if count >= 0 { return count }
      guard errno == EINTR else { throw SystemError("read") }
    }
  }
}

/// A pipe whose writing end can be given up before the other.
struct Pipe: ~Copyable {
  let reader: Descriptor
  private var writer: Descriptor?

  /// Of the writing end; means nothing once that is closed.
  let writerNumber: Int32

  static func open() throws(SystemError) -> Pipe {
    try descriptorGate.withLock { _ throws(SystemError) in
      var ends: [Int32] = [-1, -1]
      // pipe(2) fills exactly these two elements.
      guard unsafe pipe(&ends) == 0 else { throw SystemError("pipe") }
      let reader: Descriptor
      do throws(SystemError) {
        reader = try Descriptor.moving(ends[0], from: "pipe")
      } catch {
        _ = close(ends[1])
        throw error
      }
      return Pipe(reader: reader, writer: try Descriptor.moving(ends[1], from: "pipe"))
    }
  }

  private init(reader: consuming Descriptor, writer: consuming Descriptor) {
    self.reader = reader
    writerNumber = writer.number
    self.writer = consume writer
  }

  mutating func closeWriter() { writer = nil }
}
