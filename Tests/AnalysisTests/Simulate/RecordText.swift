import IR
import _PolicyTestSupport

/// Events in the words of each recorder.
enum RecordText {
  /// One of every form, some of several lines.
  static var samples: [String] {
    let event = Event(source: BytePath("/bin/cat"), access: .path(.read, BytePath("/etc/shadow") ?? .root))
    let socket = Event(
      source: BytePath("/bin/cat"),
      access: .network(Socket(family: 2, type: 3, protocolNumber: 1))
    )
    return [event, socket].flatMap { event in
      [event.description, own(event), apparmor(event), selinux(event)] + [alert(event, .grpc), alert(event, .snake)]
    }.filter { !$0.isEmpty } + [
      "== Alert / 2026 ==\nType: HostLog\nHost Name: h\nOperation: Process\nResource: /bin/sh\n"
    ]
  }

  static func quoted(_ bytes: [UInt8]) -> String {
    var text = "\""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\" + String(scalar)
      case _ where scalar.value < 0x20:
        text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  private static func quoted(_ text: String) -> String { quoted(Array(text.utf8)) }

  // MARK: armorc

  static func own(_ event: Event) -> String {
    var members = ["\"source\":" + (event.source.map { quoted($0.bytes) } ?? "null")]
    switch event.access {
    case .path(let operation, let path):
      members += ["\"op\":\"\(operation.name)\"", "\"path\":" + quoted(path.bytes), "\"isOwner\":\(event.isOwner)"]
    case .network(let socket):
      members += [
        "\"op\":\"network\"", "\"family\":\(socket.family)", "\"type\":\(socket.type)",
        "\"protocol\":\(socket.protocolNumber)",
      ]
    case .capability(let capability): members += ["\"op\":\"capability\"", "\"capability\":\"\(capability.name)\""]
    case .syscall(let name, let path):
      members +=
        ["\"op\":\"syscall\"", "\"syscall\":\"\(name)\""] + (path.map { ["\"path\":" + quoted($0.bytes)] } ?? [])
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  // MARK: KubeArmor

  enum Spelling: CaseIterable { case grpc, camel, snake }

  /// An alert says nothing of the owner.
  static func alert(_ event: Event, _ spelling: Spelling) -> String {
    func key(_ words: [String]) -> String {
      switch spelling {
      case .grpc: words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
      case .camel: words[0] + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
      case .snake: words.joined(separator: "_")
      }
    }
    var fields: [([String], String)] = [
      (["type"], quoted("ContainerLog")), (["namespace", "name"], quoted("shop")), (["labels"], quoted("app=web")),
      (["container", "name"], quoted("nginx")), (["h", "ash"], "{\"x\":[1,2.5e3,true,null,{}]}"),
    ]
    let source = event.source?.bytes ?? []
    switch event.access {
    case .path(.exec, let path):
      fields += [
        (["operation"], quoted("Process")), (["resource"], quoted(path.bytes + Array(" -a b".utf8))),
        (["process", "name"], quoted(path.bytes)), (["parent", "process", "name"], quoted(source)),
      ]
    case .path(let operation, let path):
      fields += [
        (["operation"], quoted("File")), (["resource"], quoted(path.bytes)), (["process", "name"], quoted(source)),
        (
          ["data"], quoted("syscall=SYS_OPENAT fd=-100 flags=" + (operation == .read ? "O_RDONLY" : "O_WRONLY|O_CREAT"))
        ),
      ]
    case .network(let socket):
      fields += [
        (["operation"], quoted("Network")), (["process", "name"], quoted(source)),
        (
          ["resource"],
          quoted("domain=\(socket.family) type=\(socket.type)|SOCK_CLOEXEC protocol=\(socket.protocolNumber)")
        ),
        (["data"], quoted("syscall=SYS_SOCKET")),
      ]
    case .capability(let capability):
      fields += [
        (["operation"], quoted("Capabilities")), (["process", "name"], quoted(source)),
        (["resource"], quoted("CAP_" + capability.name.uppercased())),
      ]
    case .syscall(let name, let path):
      fields += [
        (["operation"], quoted("Syscall")), (["process", "name"], quoted(source)),
        (["resource"], quoted(path?.bytes ?? [])), (["data"], quoted("syscall=SYS_" + name.uppercased())),
      ]
    }
    return "{" + fields.map { quoted(key($0.0)) + ":" + $0.1 }.joined(separator: ",") + "}"
  }

  // MARK: Audit

  /// As `audit_log_untrustedstring` writes names: hexadecimal if a byte is special.
  static func name(_ bytes: [UInt8]) -> String {
    if bytes.contains(where: { $0 < 0x21 || $0 > 0x7E || $0 == 0x22 }) {
      let digits = Array("0123456789ABCDEF")
      return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
    return "\"" + String(decoding: bytes, as: UTF8.self) + "\""
  }

  private static func companions(_ event: Event) -> String {
    var text = "\ntype=SYSCALL msg=audit(1700000000.123:45): arch=c000003e syscall=999 success=no items=1 fsuid=33"
    if let source = event.source { text += " exe=" + name(source.bytes) }
    if case .path(_, let path) = event.access {
      text += "\ntype=CWD msg=audit(1700000000.123:45): cwd=\"/somewhere\""
      text += "\ntype=PATH msg=audit(1700000000.123:45): item=0 name=\(name(path.bytes)) inode=77 nametype=NORMAL"
      text += " ouid=\(event.isOwner ? 33 : 0)"
    }
    return text
  }

  /// With the SYSCALL record that names the source; nothing of a system call.
  static func apparmor(_ event: Event) -> String {
    let head = "type=AVC msg=audit(1700000000.123:45): apparmor=\"DENIED\" "
    switch event.access {
    case .path(let operation, let path):
      let (word, mask) = [("exec", "x"), ("open", "r"), ("mknod", "c")][Int(operation.rawValue)]
      return head + "operation=\"\(word)\" class=\"file\" profile=\"p\" name=\(name(path.bytes)) pid=1 comm=\"x\" "
        + "requested_mask=\"\(mask)\" denied_mask=\"\(mask)\" fsuid=33 ouid=\(event.isOwner ? 33 : 0)"
        + companions(event)
    case .network(let socket):
      return head + "operation=\"create\" class=\"net\" profile=\"p\" pid=1 comm=\"x\" family=\"\(socket.family)\" "
        + "sock_type=\"\(socket.type)\" protocol=\(socket.protocolNumber) requested_mask=\"create\"" + companions(event)
    case .capability(let capability):
      return head + "operation=\"capable\" profile=\"p\" pid=1 comm=\"x\" capability=\(capability.rawValue)  "
        + "capname=\"\(capability.name)\"" + companions(event)
    case .syscall: return ""
    }
  }

  /// Paths and capabilities; an SELinux record of a socket knows less than the event.
  static func selinux(_ event: Event) -> String {
    func line(_ permission: String, _ rest: String, _ kind: String) -> String {
      "type=AVC msg=audit(1700000000.123:45): avc:  denied  { \(permission) } for  pid=1 comm=\"x\" \(rest) "
        + "scontext=a:b:c:s0 tcontext=d:e:f:s0 tclass=\(kind) permissive=0" + companions(event)
    }
    switch event.access {
    case .path(let operation, let path):
      let permission = ["execute_no_trans", "read", "append"][Int(operation.rawValue)]
      return line(permission, "name=\(name(Array(path.basename))) dev=\"sda1\" ino=77", "file")
    case .capability(let capability):
      return line(
        capability.name,
        "capability=\(capability.rawValue)",
        capability.rawValue < 32 ? "capability" : "capability2"
      )
    case .network, .syscall: return ""
    }
  }
}
