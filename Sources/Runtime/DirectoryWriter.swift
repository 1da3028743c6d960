import CLinux
import Glibc

/// Writes a whole directory at once: into a temporary sibling, then one rename. Whoever looks sees the old directory or the
/// new one, never a mixture; a failure leaves what was there.
package struct DirectoryWriter: ~Copyable {
  private let target: String
  private let staging: String
  private var isFinished = false

  private init(target: String, staging: String) {
    self.target = target
    self.staging = staging
  }

  /// Starts a directory.
  /// - Parameters:
  ///   - target: the directory to make or replace.
  ///   - marker: a file that must be in `target` if it is there and not empty; without it nothing is replaced.
  /// - Returns: the writer of a temporary sibling of `target`.
  /// - Throws: `FileError` when `target` may not be replaced or its sibling cannot be made.
  package static func start(target: String, marker: String) throws(FileError) -> DirectoryWriter {
    var trimmed = target
    while trimmed.count > 1 && trimmed.hasSuffix("/") { trimmed.removeLast() }
    trimmed = try FileAccess.followingLink(trimmed)
    switch FileAccess.kind(of: trimmed) {
    case .missing: break
    case .directory:
      let names = try FileAccess.entries(of: trimmed)
      if !names.isEmpty && !names.contains(marker) {
        throw FileError(
          "replace",
          trimmed,
          reason: "it is not empty and holds no '\(marker)', so armorc did not write it; name another directory"
        )
      }
    case .file, .other: throw FileError("write", trimmed, reason: "it is there and no directory")
    }
    if trimmed == "/" || trimmed == "." || trimmed == ".." || trimmed.isEmpty || trimmed.hasSuffix("/.")
      || trimmed.hasSuffix("/..")
    {
      throw FileError("replace", trimmed, reason: "name a directory of its own")
    }
    let staging = "\(trimmed).armorc-\(getpid())"
    try removeTree(staging)
    guard unsafe mkdir(staging, 0o755) == 0 else { throw .last("make", staging) }
    return DirectoryWriter(target: trimmed, staging: staging)
  }

  deinit {
    if !isFinished { try? DirectoryWriter.removeTree(staging) }
  }

  /// Writes one file. `path` is relative, its components are plain names (the caller's manifest has checked them).
  package func write(_ path: String, _ bytes: [UInt8]) throws(FileError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains("\0") }) else {
      throw FileError("write", path, reason: "not a plain relative path")
    }
    var directory = staging
    for part in parts.dropLast() {
      directory += "/" + part
      if unsafe mkdir(directory, 0o755) != 0 && errno != EEXIST { throw .last("make", directory) }
    }
    let full = staging + "/" + path
    let descriptor = unsafe open(full, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .last("create", full) }
    defer { close(descriptor) }
    try FileAccess.write(bytes, to: descriptor, name: full)
  }

  /// Puts the directory in place.
  package consuming func commit() throws(FileError) {
    let sync = unsafe open(staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if sync >= 0 {
      clinux_syncfs(sync)
      close(sync)
    }
    if unsafe rename(staging, target) == 0 {
      isFinished = true
      return
    }
    guard errno == ENOTEMPTY || errno == EEXIST else { throw .last("rename to", target) }
    // An older bundle is there: exchange the two, then drop the old one under the temporary name.
    guard unsafe clinux_exchange(staging, target) == 0 else { throw .last("replace", target) }
    isFinished = true
    try DirectoryWriter.removeTree(staging)
  }

  /// Removes a directory tree, links not followed. Nothing there is no error.
  static func removeTree(_ path: String) throws(FileError) {
    var info = stat()
    guard unsafe lstat(path, &info) == 0 else { return }
    guard info.st_mode & S_IFMT == S_IFDIR else {
      guard unsafe unlink(path) == 0 else { throw .last("remove", path) }
      return
    }
    for name in try FileAccess.entries(of: path) { try removeTree(path + "/" + name) }
    guard unsafe rmdir(path) == 0 else { throw .last("remove", path) }
  }
}
