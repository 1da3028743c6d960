import Glibc

struct SystemFailure: Error, CustomStringConvertible {
  let description: String
  init(_ what: String) { description = "\(what): error \(errno)" }
}

enum Files {
  static func makeDirectories(_ path: String) throws(SystemFailure) {
    var here = ""
    for part in path.split(separator: "/") {
      here += (here.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
      if unsafe mkdir(here, 0o755) != 0 && errno != EEXIST { throw SystemFailure("mkdir \(here)") }
    }
  }

  static func write(_ path: String, _ bytes: [UInt8]) throws(SystemFailure) { try write(path, bytes, O_TRUNC) }

  static func append(_ path: String, _ bytes: [UInt8]) throws(SystemFailure) { try write(path, bytes, O_APPEND) }

  private static func write(_ path: String, _ bytes: [UInt8], _ mode: Int32) throws(SystemFailure) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | mode | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemFailure("create \(path)") }
    defer { close(descriptor) }
    var offset = 0
    while offset < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      }
      guard written > 0 else { throw SystemFailure("write \(path)") }
      offset += written
    }
  }

  static func read(_ path: String) throws(SystemFailure) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemFailure("open \(path)") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while true {
      var got = 0
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        got = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        count = max(0, got)
      }
      if got < 0 { throw SystemFailure("read \(path)") }
      if chunk.isEmpty { return bytes }
      bytes += chunk
    }
  }

  /// Every regular file below a directory whose name ends in `suffix`, sorted.
  static func find(_ directory: String, suffix: String) throws(SystemFailure) -> [String] {
    guard let handle = unsafe opendir(directory) else { throw SystemFailure("list \(directory)") }
    defer { unsafe closedir(handle) }
    var found: [String] = []
    while let entry = unsafe readdir(handle) {
      let type = unsafe entry.pointee.d_type
      // d_name ends with NUL inside the record, which stays valid until the next readdir.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      if type == UInt8(DT_DIR) {
        found += try find("\(directory)/\(name)", suffix: suffix)
      } else if name.hasSuffix(suffix) {
        found.append("\(directory)/\(name)")
      }
    }
    return found.sorted()
  }
}
