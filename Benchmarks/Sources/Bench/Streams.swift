/// Streams of records for `simulate`, any number of lines, the same for the same number.
enum Streams {
  static let forms = ["kubearmor", "event", "audit"]

  static let policies = """
    apiVersion: security.kubearmor.com/v1
    kind: KubeArmorPolicy
    metadata: {name: bench, namespace: shop}
    spec:
      selector: {matchLabels: {tier: web}}
      action: Block
      file:
        matchPaths: [{path: /etc/shadow}, {path: /etc/passwd, readOnly: true}]
        matchDirectories: [{dir: /srv/data/, recursive: true, ownerOnly: true}, {dir: /boot/, recursive: true}]
        matchPatterns: [{pattern: "/home/*/.ssh/**"}, {pattern: "/**/*.pem"}]

    """

  private static let paths = [
    "/etc/shadow", "/etc/passwd", "/usr/lib/x86_64-linux-gnu/libc.so.6", "/var/log/app/today.log", "/boot/vmlinuz",
    "/srv/data/a/b/settings.conf", "/home/user/.ssh/known_hosts", "/opt/app/tls/key.pem",
  ]

  /// Writes `count` lines piece by piece.
  static func write(_ form: String, count: Int, to path: String) throws(SystemFailure) {
    try Files.write(path, [])
    var pending: [UInt8] = []
    for number in 0..<count {
      pending += Array(line(form, number).utf8)
      if pending.count > 1 << 22 || number == count - 1 {
        try Files.append(path, pending)
        pending = []
      }
    }
  }

  private static func line(_ form: String, _ number: Int) -> String {
    let path = paths[number % paths.count]
    switch form {
    case "kubearmor":
      return #"{"Timestamp":1767225600,"UpdatedTime":"2026-01-01T00:00:00.000000Z","ClusterName":"default","#
        + #""HostName":"worker-1","NamespaceName":"shop","PodName":"app-\#(number % 50)","Labels":"tier=web,app=a","#
        + #""ContainerID":"e8ac2e227d293e76ab81a34945b68f72a2618ed3275ac64bb6a82f9cd2d014f1","ContainerName":"main","#
        + #""ParentProcessName":"/bin/sh","ProcessName":"/usr/bin/cat","HostPID":\#(number),"PID":19,"#
        + #""Type":"ContainerLog","Source":"/usr/bin/cat \#(path)","Operation":"File","Resource":"\#(path)","#
        + #""Data":"syscall=SYS_OPENAT fd=-100 flags=O_RDONLY|O_CLOEXEC","Result":"Passed"}"# + "\n"
    case "event":
      return #"{"event":"read \#(path) from /usr/bin/cat","subject":{"namespace":"shop","#
        + #""labels":{"tier":"web"},"container":"main"}}"# + "\n"
    default:
      return #"type=AVC msg=audit(1767225600.123:\#(number)): apparmor="DENIED" operation="open" class="file" "#
        + #"profile="armorc.shop.web" name="\#(path)" pid=12 comm="cat" requested_mask="r" denied_mask="r" "#
        + "fsuid=33 ouid=0\n"
    }
  }
}
