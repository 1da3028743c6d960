import Glibc

/// Writes one file so that whoever looks sees the old one or the whole new one.
package enum FileWriter {
  /// Writes the file or changes nothing. With `replaces` a file of this name may be there; a symbolic link, a directory or
  /// a device never may.
  package static func write(_ path: String, _ bytes: [UInt8], replaces: Bool) throws(FileError) {
    var info = stat()
    if unsafe lstat(path, &info) == 0 {
      guard replaces else { throw FileError("write", path, reason: "it is there already") }
      guard info.st_mode & S_IFMT == S_IFREG else { throw FileError("replace", path, reason: "not a regular file") }
    }
    let staging = "\(path).armorc-\(getpid())"
    let descriptor = unsafe open(staging, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .last("write", path) }
    var problem: FileError?
    var offset = 0
    while offset < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        problem = .last("write", path)
        break
      }
      offset += written
    }
    close(descriptor)
    // Without leave to replace, `link` fails if somebody was faster; `rename` would not.
    if problem == nil {
      let isDone = unsafe replaces ? rename(staging, path) == 0 : link(staging, path) == 0
      if !isDone { problem = .last("write", path) }
    }
    unsafe unlink(staging)
    if let problem { throw problem }
  }
}
