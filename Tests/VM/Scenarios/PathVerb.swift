import IR

/// What a program does to a path, in the guest's words (`Tests/VM/Guest/actor.c`). Several verbs are one operation of
/// SEMANTICS §1.
enum PathVerb: String, CaseIterable, Sendable {
  case open = "openr"
  case list = "opendir"
  case lock
  case mapExecutable = "mapx"
  case openForWriting = "openw"
  case append
  case openAndTruncate = "openwt"
  case create
  case truncate
  case unlink
  case renameAway
  case renameOnto
  case link
  case symlink
  case makeDirectory = "mkdir"
  case removeDirectory = "rmdir"
  case makeNode = "mkfifo"
  case changeMode = "chmod"
  case changeModeOfDirectory
  case changeOwner = "chown"
  case bind = "bindpath"
  case execute = "exec"
  case executeScript
  case executeDescriptor = "execat"

  /// What must stand at the path before.
  enum Object: String, Sendable {
    case file = "f"
    case directory = "d"
    case program = "x"
    case script = "s"
    case actor = "a"
    case nothing = "n"
  }

  var operation: PathOperation {
    switch self {
    case .open, .list, .lock, .mapExecutable: .read
    case .execute, .executeScript, .executeDescriptor: .exec
    default: .write
    }
  }

  var object: Object {
    switch self {
    case .list, .removeDirectory, .changeModeOfDirectory: .directory
    case .create, .renameOnto, .link, .symlink, .makeDirectory, .makeNode, .bind: .nothing
    case .execute, .executeDescriptor: .program
    case .executeScript: .script
    default: .file
    }
  }

  /// Whether the actor can do it to what another user owns; what it creates is its own.
  var isPossibleForOthers: Bool {
    switch self {
    case .create, .symlink, .makeDirectory, .makeNode, .bind, .changeMode, .changeModeOfDirectory: false
    default: true
    }
  }

  /// Whether a second path takes part, as the other name of a rename or a link.
  var needsScratch: Bool {
    switch self {
    case .renameAway, .renameOnto, .link: true
    default: false
    }
  }

  /// The verb and its paths as the guest reads them.
  func words(_ path: BytePath, scratch: BytePath?) -> [String] {
    let path = path.escaped
    let other = scratch?.escaped ?? path
    return switch self {
    case .renameAway: ["rename", path, other]
    case .renameOnto: ["rename", other, path]
    case .link: ["link", other, path]
    case .executeScript: ["exec", path]
    case .changeModeOfDirectory: ["chmod", path]
    default: [rawValue, path]
    }
  }

  static func of(_ operation: PathOperation) -> [PathVerb] { allCases.filter { $0.operation == operation } }
}

extension BytePath {
  var escaped: String { escapedBytes(bytes) }
}

/// For the guest: every byte that is not plain as `%XX`.
func escapedBytes(_ bytes: [UInt8]) -> String {
  var text = ""
  for byte in bytes {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      text.unicodeScalars.append(Unicode.Scalar(byte))
    default: text += "%" + hexadecimal(byte)
    }
  }
  return text
}

/// Two upper-case digits.
func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return digits.count == 1 ? "0" + digits : digits
}
