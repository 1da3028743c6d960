import IR

/// `Data` and `Resource` of an alert: words `key=value`, parted by spaces or commas.
struct KubeArmorData {
  private let pairs: [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)]

  init(_ text: ArraySlice<UInt8>) {
    var pairs: [(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []
    for word in KubeArmorData.words(text) {
      guard let sign = word.firstIndex(of: UInt8(ascii: "=")), pairs.count < 32 else { continue }
      pairs.append((word[..<sign], word[(sign + 1)...]))
    }
    self.pairs = pairs
  }

  static func words(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ",") }
  }

  static func firstWord(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    text.prefix { $0 != UInt8(ascii: " ") }
  }

  subscript(_ key: String) -> ArraySlice<UInt8>? {
    let wanted = key.utf8
    return pairs.first { $0.key.count == wanted.count && $0.key.elementsEqual(wanted) }?.value
  }

  private func text(_ key: String) -> String? {
    self[key].flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) }
  }

  /// `unlinkat` of `syscall=SYS_UNLINKAT`.
  var syscall: String? {
    text("syscall").map { name in
      let folded = name.lowercased()
      return folded.hasPrefix("sys_") ? String(folded.dropFirst(4)) : folded
    }
  }

  /// A query for a name.
  var isNameQuery: Bool { self["domain"] != nil || self["qtype"] != nil }

  // MARK: Files

  enum FileOperations {
    case operations([PathOperations])
    /// No event, and why.
    case none(String)
  }

  /// `access=read|write`, as alerts of armorc's own have it.
  private var accesses: PathOperations? {
    guard let words = text("access")?.split(separator: "|"), !words.isEmpty else { return nil }
    var found: PathOperations = []
    for word in words {
      guard let operation = PathOperation.allCases.first(where: { $0.name == word }) else { return nil }
      found.insert(PathOperations(operation))
    }
    return found
  }

  /// `owner=true`, of armorc's own alerts too.
  var isOwner: Bool? {
    switch text("owner") {
    case "true"?: true
    case "false"?: false
    default: nil
    }
  }

  /// Read or write: by the system call or the hook where that says it, else by the flags of an open.
  var fileOperations: FileOperations {
    if let told = accesses { return .operations([told]) }
    let name = syscall ?? text("lsm")?.lowercased() ?? ""
    if name == "close" { return .none("closing a file, no access") }
    if SyscallWords.writing.contains(name) { return .operations([.write]) }
    if SyscallWords.reading.contains(name) { return .operations([.read]) }
    if SyscallWords.silent.contains(name) { return .none("looking at attributes or moving about, no access") }
    return text("flags").flatMap(KubeArmorData.operations(flags:)) ?? .operations(PathOperations.someOpen)
  }

  /// `O_WRONLY|O_CREAT`, or the number of it; nil when no mode is among them.
  private static func operations(flags: String) -> FileOperations? {
    var mode: Int?
    var creates = false
    var truncates = false
    var isPath = false
    for word in flags.split(separator: "|") {
      switch word {
      case "O_RDONLY": mode = mode ?? 0
      case "O_WRONLY": mode = 1
      case "O_RDWR": mode = 2
      case "O_CREAT", "O_TMPFILE": creates = true
      case "O_TRUNC": truncates = true
      case "O_PATH": isPath = true
      default:
        guard let number = word.hasPrefix("0x") ? Int(word.dropFirst(2), radix: 16) : Int(word), number >= 0 else {
          continue
        }
        // Numbers of `asm-generic/fcntl.h`.
        mode = number & 3
        creates = creates || number & 0o100 != 0
        truncates = truncates || number & 0o1000 != 0
        isPath = isPath || number & 0o10000000 != 0
      }
    }
    if isPath { return FileOperations.none("an O_PATH descriptor, no access") }
    switch mode {
    case 0 where truncates: return .operations([[.read, .write]])
    // It writes the directory only if the file was not there.
    case 0 where creates: return .operations([.read, [.read, .write]])
    case 0: return .operations([.read])
    case 1: return .operations([.write])
    case 2: return .operations([[.read, .write]])
    default: return nil
    }
  }

  // MARK: Sockets

  /// What `Resource` and `Data` tell of a socket; nil when that is nothing.
  func socket(resource: KubeArmorData) -> PartialSocket? {
    var socket = PartialSocket()
    var isTold = false
    let family = resource.text("sa_family") ?? resource.text("family") ?? resource.text("domain")
    if let family, let number = SocketNames.family(family) {
      socket.families = [number]
      isTold = true
    }
    if let type = resource.text("type"), let number = SocketNames.type(type) {
      socket.type = number
      isTold = true
    }
    for address in ["remoteip", "sin_addr", "sin6_addr"] {
      guard let value = resource[address], !value.isEmpty else { continue }
      isTold = true
      if socket.families == nil {
        socket.families = [value.contains(UInt8(ascii: ":")) ? SocketNumber.inet6 : SocketNumber.inet]
      }
    }
    let call = (text("kfunc") ?? text("lsm") ?? text("syscall") ?? "").lowercased()
    if let name = resource.text("protocol"), let known = SocketNames.protocol(name) {
      isTold = true
      // 0 leaves it to the kernel: it stands as it was asked for.
      socket.protocols = [known.number]
      if socket.type == nil { socket.type = known.type }
      if let family = known.family, socket.families == nil { socket.families = [family] }
    } else if call.hasPrefix("tcp_") || call.hasPrefix("udp_") {
      isTold = true
      let isStream = call.hasPrefix("tcp_")
      if socket.type == nil { socket.type = isStream ? SocketNumber.stream : SocketNumber.dgram }
      socket.protocols = [isStream ? SocketNumber.tcp : SocketNumber.udp]
    }
    guard isTold else { return nil }
    // What has a protocol of the internet is of its families.
    if socket.families == nil, let protocols = socket.protocols, protocols != [0] {
      socket.families = [SocketNumber.inet, SocketNumber.inet6]
    }
    if socket.families == [SocketNumber.unix], socket.protocols == nil { socket.protocols = [0] }
    return socket
  }
}
