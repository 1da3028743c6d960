import IR

/// Policies with every shape of rule: each kind of path with each combination of flags, each action, and `Allow` under
/// each posture. What rules of one policy name lies apart, so that every rule decides something.
enum ShapePolicies {
  static func subjects() throws -> [SubjectPolicy] {
    // No file can ask for the posture `allow`; the command line can.
    try PolicyInput.subjects(files, base: nil).map { subject in
      var subject = subject
      if subject.policies.contains(where: { $0.id.namespace == "vm-allow" }) {
        subject.postures = Postures(file: .allow, network: .allow, capabilities: .allow)
      }
      return subject
    }
  }

  private static var files: [(name: String, bytes: [UInt8])] {
    var text = ""
    for posture in ["block", "audit"] {
      text += namespace("vm-" + posture, posture: posture)
    }
    text += policy("denied", in: "vm-block", paths(["Block"]))
    text += policy("watched", of: "denied", in: "vm-block", paths(["Audit"], thinly: true))
    text += policy("privileges", in: "vm-block", sockets + capabilities)
    text += policy("listed", in: "vm-block", paths(["Allow"]) + allowedPrivileges)
    for posture in ["audit", "allow"] {
      text += policy("listed", in: "vm-" + posture, paths(["Allow"], thinly: true) + allowedPrivileges)
    }
    text += policy("calls", in: "vm-block", calls)
    return [("shapes.yaml", Array(text.utf8))]
  }

  private static let source = "/usr/bin/source"

  private static func namespace(_ name: String, posture: String) -> String {
    """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: \(name)
      annotations:
        kubearmor-file-posture: \(posture)
        kubearmor-network-posture: \(posture)
        kubearmor-capabilities-posture: \(posture)
        kubearmor-visibility: \(posture == "audit" ? "process,file,network,capabilities" : "none")
    ---

    """
  }

  /// The policy of an app; by default of the one that bears its name.
  private static func policy(_ name: String, of app: String? = nil, in namespace: String, _ spec: String) -> String {
    """
    apiVersion: security.kubearmor.com/v1
    kind: KubeArmorPolicy
    metadata: {name: \(name), namespace: \(namespace)}
    spec:
      selector: {matchLabels: {app: \(app ?? name)}}
      severity: 4
      tags: [shapes]
      message: \(name)
    \(spec)---

    """
  }

  private static let kinds: [(list: String, entry: @Sendable (String) -> String)] = [
    ("matchPaths", { "path: \($0)" }),
    ("matchDirectories", { "dir: \($0)/" }),
    ("matchDirectories", { "dir: \($0)/, recursive: true" }),
    ("matchPatterns", { "pattern: '\($0)/*.[a-c]?'" }),
    ("matchPaths", { "execname: \($0.split(separator: "/").joined())" }),
  ]

  /// Every combination of flags, thinly on one kind of path in turn, else on all.
  private static func paths(_ actions: [String], thinly: Bool = false) -> String {
    var text = ""
    for section in ["process", "file"] {
      var lists: [String: [String]] = [:]
      var turn = 0
      let flags = section == "file" ? ["", "readOnly", "ownerOnly", "readOnly ownerOnly"] : ["", "ownerOnly"]
      for action in actions {
        for flag in flags {
          for isSourced in [false, true] {
            turn += 1
            for (number, kind) in kinds.enumerated() where section == "process" || number < 4 {
              if isSourced && kind.list == "matchPatterns" { continue }
              if thinly, number != turn % (section == "file" ? 4 : 5) { continue }
              let words = flag.split(separator: " ")
              // Such as /s/fB1ros: a name of its own.
              let name =
                "/s/\(section.prefix(1))\(action.prefix(2))\(number)\(words.map { $0.prefix(1) }.joined())\(isSourced ? "s" : "")"
              var entry = kind.entry(name)
              for word in words { entry += ", \(word): true" }
              entry += ", action: \(action)"
              if isSourced { entry += ", fromSource: [{path: \(source)}]" }
              lists[kind.list, default: []].append("      - {\(entry)}\n")
            }
          }
        }
      }
      // A first program must be able to become the source.
      if section == "process", actions == ["Allow"] {
        lists["matchPaths", default: []].append("      - {path: \(source), action: Allow}\n")
      }
      text += "  \(section):\n"
      for (list, entries) in lists.sorted(by: { $0.key < $1.key }) { text += "    \(list):\n" + entries.joined() }
    }
    return text
  }

  private static let sockets = """
      network:
        matchProtocols:
          - {protocol: icmp, action: Block}
          - {protocol: sctp, action: Block, fromSource: [{path: \(source)}]}
          - {protocol: icmpv6, action: Audit}
          - {protocol: seqpacket, action: Audit, fromSource: [{path: \(source)}]}

    """

  private static let capabilities = """
      capabilities:
        matchCapabilities:
          - {capability: sys_time, action: Block}
          - {capability: sys_nice, action: Block, fromSource: [{path: \(source)}]}
          - {capability: setgid, action: Audit}
          - {capability: setpcap, action: Audit, fromSource: [{path: \(source)}]}

    """

  private static let allowedPrivileges = """
      network:
        matchProtocols:
          - {protocol: udp, action: Allow}
          - {protocol: tcp, action: Allow, fromSource: [{path: \(source)}]}
          - {protocol: icmp, action: Allow}
      capabilities:
        matchCapabilities:
          - {capability: sys_chroot, action: Allow}
          - {capability: setuid, action: Allow, fromSource: [{path: \(source)}]}

    """

  private static let calls = """
      syscalls:
        matchSyscalls:
          - {syscall: [umask, sync]}
          - {syscall: [getpgid], fromSource: [{path: \(source)}]}
          - {syscall: [times], fromSource: [{dir: /usr/callers/, recursive: true}]}
        matchPaths:
          - {path: /s/call, syscall: [unlink, rmdir]}
          - {path: /s/calls/, recursive: true, syscall: [unlinkat, mkdir]}
          - {path: /s/sourced, syscall: [truncate], fromSource: [{path: \(source)}]}

    """
}
