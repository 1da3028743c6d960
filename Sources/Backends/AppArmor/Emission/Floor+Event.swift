import Automata
package import IR

extension Floor {
  /// Whether a container's profile denies an access whatever the policies say; of a path that may be a directory too.
  package func denies(_ event: Event) -> Bool {
    guard case .path(let operation, let path) = event.access, let floor = try? access() else { return false }
    let bits: FileBits =
      switch operation {
      case .exec: .exec
      case .read: .read
      case .write: .write
      }
    func denies(_ name: [UInt8]) -> Bool {
      let rights = floor.fileRights[Int(floor.files.label(of: name))]
      return !(event.isOwner ? rights.owner : rights.other).allowed.isSuperset(of: bits)
    }
    return denies(path.bytes) || (operation != .exec && denies(path.bytes + [UInt8(ascii: "/")]))
  }
}
