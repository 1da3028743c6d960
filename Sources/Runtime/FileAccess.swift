import Glibc

/// An operation on the file system that failed: what, on which path, and the system's reason.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  package let action: String
  package let path: String
  package let reason: String

  package init(_ action: String, _ path: String, reason: String) {
    self.action = action
    self.path = path
    self.reason = reason
  }

  /// With the reason of the current `errno`.
  static func last(_ action: String, _ path: String) -> FileError {
    let code = errno
    // INVARIANT: strerror returns a NUL-terminated string owned by libc; it is copied at once.
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    return FileError(action, path, reason: reason)
  }

  package var description: String { "cannot \(action) '\(path)': \(reason)" }
}

/// Reading files and directories without surprises: never blocks on a pipe, never reads past a limit.
package enum FileAccess {
  package enum Kind: Hashable, Sendable { case file, directory, other, missing }

  /// What a path leads to, links followed.
  package static func kind(of path: String) -> Kind {
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { return .missing }
    switch info.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .directory
    default: return .other
    }
  }

  /// Tells one file or directory from every other, whatever it is called.
  package struct Identity: Hashable, Sendable {
    private let device: dev_t
    private let number: ino_t
    fileprivate init(_ info: stat) { (device, number) = (info.st_dev, info.st_ino) }
  }

  /// Of what a path leads to, links followed; nil if that is nothing.
  package static func identity(of path: String) -> Identity? {
    var info = stat()
    return unsafe stat(path, &info) == 0 ? Identity(info) : nil
  }

  /// Bytes of what a path leads to; nil if that is nothing.
  package static func size(of path: String) -> Int? {
    var info = stat()
    return unsafe stat(path, &info) == 0 ? Int(info.st_size) : nil
  }

  /// The path of the file or directory itself that a symbolic link leads to; any other path as it is.
  static func followingLink(_ path: String) throws(FileError) -> String {
    var info = stat()
    guard unsafe lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFLNK else { return path }
    return try realPath(path)
  }

  /// The absolute path without links of what a path leads to.
  package static func realPath(_ path: String) throws(FileError) -> String {
    // INVARIANT: realpath returns nil or a NUL-terminated string of malloc, which is copied and freed here.
    guard let real = unsafe realpath(path, nil) else { throw .last("follow", path) }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  /// The bytes of a regular file.
  /// - Throws: `FileError` also when it is larger than `limit` bytes or no regular file.
  package static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .last("open", path) }
    defer { close(descriptor) }
    var info = stat()
    guard unsafe fstat(descriptor, &info) == 0 else { throw .last("read", path) }
    guard info.st_mode & S_IFMT == S_IFREG else { throw FileError("read", path, reason: "not a regular file") }
    return try read(descriptor: descriptor, name: path, limit: limit, expected: Int(info.st_size))
  }

  /// All of standard input.
  package static func readStandardInput(limit: Int) throws(FileError) -> [UInt8] {
    try read(descriptor: STDIN_FILENO, name: "-", limit: limit, expected: 0)
  }

  private static func read(
    descriptor: Int32,
    name: String,
    limit: Int,
    expected: Int
  ) throws(FileError) -> [UInt8] {
    if expected > limit { throw FileError("read", name, reason: "it has \(expected) bytes, more than \(limit)") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(0, expected) + 1)
    while true {
      var failed = false
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: min(1 << 20, max(1 << 12, expected + 1))) {
        buffer,
        count in
        var got = 0
        repeat { got = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count) } while got < 0 && errno == EINTR
        failed = got < 0
        count = max(0, got)
      }
      if failed { throw .last("read", name) }
      if chunk.isEmpty { return bytes }
      bytes += chunk
      if bytes.count > limit { throw FileError("read", name, reason: "it has more than \(limit) bytes") }
    }
  }

  /// The names in a directory, sorted bytewise, without `.` and `..`.
  package static func entries(of path: String) throws(FileError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw .last("list", path) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      // INVARIANT: d_name is NUL-terminated inside the record, which stays valid until the next readdir.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Writes a file at once: into a temporary sibling, then one rename. Whoever looks sees the old file or the new one; a
  /// failure leaves what was there. A link stays a link; what is no regular file (a pipe, a terminal) is written to.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
    switch kind(of: path) {
    case .directory: throw FileError("write", path, reason: "it is a directory")
    case .other:
      let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .last("write", path) }
      defer { close(descriptor) }
      try write(bytes, to: descriptor, name: path)
    case .file, .missing:
      let target = try followingLink(path)
      let staging = "\(target).armorc-\(getpid())"
      let descriptor = unsafe open(staging, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .last("write", path) }
      do throws(FileError) {
        defer { close(descriptor) }
        try write(bytes, to: descriptor, name: path)
        guard fsync(descriptor) == 0 else { throw .last("write", path) }
      } catch {
        _ = unsafe unlink(staging)
        throw error
      }
      guard unsafe rename(staging, target) == 0 else {
        let error = FileError.last("write", path)
        _ = unsafe unlink(staging)
        throw error
      }
    }
  }

  /// All of the bytes.
  static func write(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(FileError) {
    var offset = 0
    while offset < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw .last("write", name)
      }
      offset += written
    }
  }
}
