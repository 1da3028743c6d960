/// Policies such as people write for KubeArmor, in any number, the same for the same seed.
///
/// Namespaces of 25 applications, four policies for each on average. Names of paths follow those of KubeArmor's examples
/// and policy-templates: shells, package managers, service account tokens, configuration directories, logs. Every tenth
/// policy is an allow-list, every sixth names sources, one in fifty is for hosts.
struct Corpus {
  private var random: SplitMix
  private let count: Int
  private let changedEvery: Int?

  /// With `changedEvery`, one of so many policies names another path in its first rule; everything else stays the same.
  init(count: Int, seed: UInt64 = 1, changedEvery: Int? = nil) {
    self.count = count
    self.changedEvery = changedEvery
    random = SplitMix(state: seed)
  }

  /// Writes the policies below `directory`: half of them in files of their own, half in files of up to 20 documents.
  /// - Returns: bytes and files written.
  mutating func write(to directory: String) throws(SystemFailure) -> (bytes: Int, files: Int) {
    var bytes = 0
    var files = 0
    var pending = ""
    var pendingCount = 0
    var made: Set<String> = []
    func put(_ path: String, _ text: String) throws(SystemFailure) {
      let parent = path.split(separator: "/").dropLast().joined(separator: "/")
      if made.insert(parent).inserted { try Files.makeDirectories("\(directory)/\(parent)") }
      try Files.write("\(directory)/\(path)", Array(text.utf8))
      bytes += text.utf8.count
      files += 1
    }
    for number in 0..<count {
      let (namespace, text) = policy(number)
      if random.below(2) == 0 {
        try put("\(namespace)/policy-\(number).yaml", text)
        continue
      }
      pending += (pendingCount > 0 ? "---\n" : "") + text
      pendingCount += 1
      if pendingCount == 20 {
        try put("bundles/bundle-\(number).yaml", pending)
        (pending, pendingCount) = ("", 0)
      }
    }
    if pendingCount > 0 { try put("bundles/bundle-last.yaml", pending) }
    return (bytes, files)
  }

  private mutating func policy(_ number: Int) -> (namespace: String, text: String) {
    let isHost = random.below(50) == 0
    let app = random.below(max(1, count / 4))
    let namespace = isHost ? "hosts" : "team-\(app / 25)"
    let isAllowList = random.below(10) == 0
    let action = isAllowList ? "Allow" : random.below(5) == 0 ? "Audit" : "Block"
    var text = """
      apiVersion: security.kubearmor.com/v1
      kind: \(isHost ? "KubeArmorHostPolicy" : "KubeArmorPolicy")
      metadata:
        name: policy-\(number)

      """
    if isHost {
      text += "spec:\n  nodeSelector:\n    matchLabels:\n      kubernetes.io/hostname: node-\(app)\n"
    } else {
      text += "  namespace: \(namespace)\nspec:\n  selector:\n    matchLabels:\n"
      // One in twenty is for all that share a tier.
      if random.below(20) > 0 { text += "      app: app-\(app)\n" }
      text += "      tier: \(Words.tiers[app % Words.tiers.count])\n"
    }
    if random.below(3) == 0 {
      text += "  tags: [MITRE, \(random.pick(Words.tags))]\n  message: \"policy \(number) of \(namespace)\"\n"
    }
    text += "  severity: \(1 + random.below(10))\n"
    let isSourced = random.below(6) == 0
    if isAllowList || random.below(2) == 0 { text += process(isSourced: isSourced) }
    if isAllowList || random.below(3) > 0 || !text.contains("  process:") { text += file(isSourced: isSourced) }
    if random.below(8) == 0 {
      text += "  network:\n    matchProtocols:\n    - protocol: \(random.pick(Words.protocols))\n"
    }
    if random.below(10) == 0 {
      text += "  capabilities:\n    matchCapabilities:\n    - capability: \(random.pick(Words.capabilities))\n"
    }
    if let changedEvery, number % changedEvery == 0 {
      text = text.replacing("    - path: /", with: "    - path: /new/", maxReplacements: 1)
    }
    return (namespace, text + "  action: \(action)\n")
  }

  private mutating func source(_ isSourced: Bool) -> String {
    isSourced && random.below(2) == 0
      ? "      fromSource:\n      - path: \(random.pick(Words.sources))\n" : ""
  }

  private mutating func process(isSourced: Bool) -> String {
    var text = "  process:\n    matchPaths:\n"
    for path in random.distinct(1 + random.below(6), of: Words.programs) {
      text += "    - path: \(path)\n" + source(isSourced)
    }
    if random.below(4) == 0 {
      text += "    matchDirectories:\n    - dir: \(random.pick(Words.programDirectories))\n      recursive: true\n"
    }
    if random.below(8) == 0 { text += "    matchPatterns:\n    - pattern: \(random.pick(Words.programPatterns))\n" }
    return text
  }

  private mutating func file(isSourced: Bool) -> String {
    var text = "  file:\n    matchPaths:\n"
    for path in random.distinct(1 + random.below(5), of: Words.files) {
      text += "    - path: \(path)\n" + source(isSourced)
      if random.below(6) == 0 { text += "      readOnly: true\n" }
    }
    text += "    - path: /srv/data/\(random.pick(Words.tiers))/\(random.below(1000))/settings.conf\n"
    if random.below(3) > 0 {
      text += "    matchDirectories:\n"
      for directory in random.distinct(1 + random.below(3), of: Words.directories) {
        text += "    - dir: \(directory)\n"
        if random.below(2) == 0 { text += "      recursive: true\n" }
      }
    }
    if random.below(6) == 0 { text += "    matchPatterns:\n    - pattern: \(random.pick(Words.filePatterns))\n" }
    return text
  }
}

private enum Words {
  static let tiers = ["web", "api", "db", "cache", "batch"]
  static let tags = ["T1059", "NIST", "CIS", "PCI_DSS", "T1036"]
  static let protocols = ["tcp", "udp", "icmp", "raw"]
  static let capabilities = ["net_raw", "sys_admin", "sys_ptrace", "dac_override", "chown", "setuid", "net_admin"]
  static let sources = ["/usr/bin/bash", "/bin/sh", "/usr/sbin/nginx", "/usr/bin/python3", "/usr/bin/node"]
  static let programs = [
    "/usr/bin/apt", "/usr/bin/apt-get", "/bin/apt", "/usr/bin/dpkg", "/sbin/apk", "/usr/bin/wget", "/usr/bin/curl",
    "/bin/nc", "/usr/bin/ncat", "/usr/bin/ssh", "/usr/bin/scp", "/usr/bin/sudo", "/bin/su", "/usr/bin/passwd",
    "/usr/bin/crontab", "/usr/sbin/useradd", "/bin/bash", "/bin/dash", "/usr/bin/python3", "/usr/bin/perl",
    "/usr/bin/gcc", "/usr/bin/make", "/usr/sbin/iptables", "/usr/bin/nmap", "/usr/bin/base64", "/usr/bin/chattr",
  ]
  static let programDirectories = ["/sbin/", "/usr/local/bin/", "/tmp/", "/dev/shm/", "/var/tmp/", "/opt/tools/"]
  static let programPatterns = ["/usr/bin/*sum", "/**/xmrig*", "/opt/*/bin/python?", "/home/*/.local/bin/*"]
  static let files = [
    "/etc/shadow", "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/sudoers", "/etc/crontab",
    "/root/.ssh/authorized_keys", "/proc/kallsyms", "/proc/sys/kernel/core_pattern", "/etc/ld.so.preload",
    "/var/log/auth.log", "/var/log/wtmp", "/etc/nginx/nginx.conf", "/etc/ssl/private/server.key", "/usr/share/keys",
    "/run/secrets/kubernetes.io/serviceaccount/token", "/var/run/docker.sock", "/run/containerd/containerd.sock",
  ]
  static let directories = [
    "/etc/", "/etc/ssl/", "/root/.ssh/", "/var/log/", "/var/lib/mysql/", "/usr/share/nginx/html/", "/boot/",
    "/run/secrets/kubernetes.io/serviceaccount/", "/lib/modules/", "/etc/cron.d/", "/home/", "/srv/www/uploads/",
  ]
  static let filePatterns = [
    "/home/*/.ssh/*", "/var/log/*.log", "/**/*.pem", "/etc/**/*.conf", "/proc/*/environ", "/srv/*/config?.yaml",
  ]
}
