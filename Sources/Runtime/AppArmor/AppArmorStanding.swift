internal import FoundationEssentials
internal import Glibc

/// `standing.json`: which generation's profiles the kernel has, as far as user space knows.
///
/// The kernel has the last word: every profile there states a digest of the bytes that it came with.
struct AppArmorStanding: Codable, Hashable {
  struct Generation: Codable, Hashable {
    /// 0: none, all was rolled back.
    var generation: UInt32
    /// What can be returned to.
    var previous: UInt32?
    /// What was rolled back.
    var next: UInt32?
  }

  var inForce: Generation
  /// Set while the kernel is asked to change: whoever was killed then left this or `inForce` in force.
  var wanted: Generation?

  static let nothing = AppArmorStanding(inForce: Generation(generation: 0))

  /// Nil if nothing was ever loaded.
  static func read(_ paths: NodePaths) throws(NodeError) -> AppArmorStanding? {
    let path = file(paths)
    guard FileAccess.kind(of: path) != .missing else { return nil }
    do {
      return try JSONDecoder().decode(AppArmorStanding.self, from: Data(try FileAccess.read(path, limit: 4096)))
    } catch let error as FileError {
      throw NodeError(error)
    } catch {
      throw NodeError("'\(path)' is not what armorc writes")
    }
  }

  func write(_ paths: NodePaths) throws(NodeError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do {
      try FileAccess.replace(AppArmorStanding.file(paths), with: Array(try encoder.encode(self)))
    } catch let error as FileError {
      throw NodeError(error)
    } catch {
      throw NodeError("cannot write '\(AppArmorStanding.file(paths))'")
    }
  }

  static func remove(_ paths: NodePaths) throws(NodeError) {
    guard unsafe unlink(file(paths)) == 0 || errno == ENOENT else { throw NodeError(.last("remove", file(paths))) }
  }

  private static func file(_ paths: NodePaths) -> String { paths.state + "/standing.json" }

  /// The generations whose files are needed.
  var kept: Set<UInt32> {
    let all = [inForce, wanted].compactMap(\.self).flatMap { [$0.generation, $0.previous, $0.next].compactMap(\.self) }
    return Set(all).subtracting([0])
  }
}
