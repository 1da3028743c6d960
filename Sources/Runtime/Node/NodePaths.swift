internal import CLinux
internal import Glibc

/// Where what is loaded on this node is found.
package struct NodePaths: Hashable, Sendable {
  /// A directory of our own in a BPF file system: `maps/`, `links/`, `programs/` and one named after the object that the
  /// programs came from. Names there have no dots.
  package let pins: String
  /// What user space needs besides: `generation-N/`, `lock`, `confirm`.
  package let state: String

  package static let standard = NodePaths(pins: "/sys/fs/bpf/armorc", state: "/run/armorc")

  package init(pins: String, state: String) {
    self.pins = NodePaths.trimmed(pins)
    self.state = NodePaths.trimmed(state)
  }

  private static func trimmed(_ path: String) -> String {
    var path = path
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    return path
  }

  func map(_ name: String) -> String { "\(pins)/maps/\(name)" }
  func program(_ name: String) -> String { "\(pins)/programs/\(name)" }
  func link(_ name: String) -> String { "\(pins)/links/\(name)" }
  var lock: String { state + "/lock" }
  var eventLock: String { state + "/events.lock" }
  var confirmation: String { state + "/confirm" }
  package func generation(_ number: UInt32) -> String { "\(state)/generation-\(number)" }

  /// Where pins are made before they are all there.
  var unfinishedPins: String { pins + "_new" }
  /// Where pins go that are no longer wanted, at once.
  var abandonedPins: String { pins + "_old" }

  /// The directory that `path` lies in.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Checks that pins can be made where they are to go.
  func checkPins() throws(NodeError) {
    let parent = NodePaths.parent(of: pins)
    let name = pins.dropFirst(parent == "/" ? 1 : parent.count + 1)
    guard !name.isEmpty, !name.contains(".") else {
      throw NodeError("'\(pins)' cannot hold pins: the last part of the name is to be there and to have no dots")
    }
    let kind = unsafe clinux_file_system(parent)
    if kind < 0 { throw NodeError("cannot look at '\(parent)': \(Errno.words(errno)); mount a BPF file system there") }
    guard kind == 0xcafe_4a11 else {
      throw NodeError("'\(parent)' is no BPF file system; mount one: mount -t bpf bpf \(parent)")
    }
  }
}

/// Held by whoever changes what is loaded; ends with the process at the latest.
///
/// `unload` removes the file while it holds the lock, so a lock counts only on the file that the path still names.
struct NodeLock: ~Copyable {
  private let descriptor: Int32

  deinit { _ = close(descriptor) }

  /// Nil if there is no state directory and none is to be made.
  static func take(_ paths: NodePaths, making makes: Bool, waiting seconds: Int = 30) throws(NodeError) -> NodeLock? {
    for _ in 0...(seconds * 20) {
      if makes, unsafe mkdir(paths.state, 0o755) != 0, errno != EEXIST {
        throw NodeError(.last("make", paths.state))
      }
      let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_CREAT
      let descriptor = unsafe open(paths.lock, flags, 0o600)
      if descriptor < 0 {
        if errno == ENOENT {
          if makes { continue }
          return nil
        }
        throw NodeError(.last("open", paths.lock))
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        if isCurrent(descriptor, paths.lock) { return NodeLock(descriptor: descriptor) }
      } else if errno != EWOULDBLOCK && errno != EINTR {
        let error = NodeError(.last("lock", paths.lock))
        _ = close(descriptor)
        throw error
      }
      _ = close(descriptor)
      usleep(50_000)
    }
    throw NodeError("another armorc is changing what is loaded and has held '\(paths.lock)' for \(seconds) seconds")
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  private static func isCurrent(_ descriptor: Int32, _ path: String) -> Bool {
    var held = stat()
    var named = stat()
    guard unsafe fstat(descriptor, &held) == 0, unsafe lstat(path, &named) == 0 else { return false }
    return held.st_dev == named.st_dev && held.st_ino == named.st_ino
  }
}
