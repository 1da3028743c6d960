import Diagnostics
import IR

/// A file allow-list under which no dynamically linked program starts.
struct AllowListWithoutLoader: LintRule {
  static let page = RulePage(
    id: "ARM2006",
    name: "AllowListWithoutLoader",
    severity: .warning,
    summary: "allow-list of files that lets no program start",
    why: """
      With file posture `block` everything that no `Allow` rule names is blocked, on every enforcer alike: nothing is
      allowed implicitly. A program that is not linked statically reads its loader and its libraries before its first own
      instruction; where neither is allowed it cannot start.

      Nothing is said under posture `audit`, which blocks nothing.
      """,
    bad: [
      """
      apiVersion: v1
      kind: Namespace
      metadata:
        name: shop
        annotations:
          kubearmor-file-posture: block
      ---
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: cart-files
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          matchDirectories:
          - dir: 1️⃣/var/lib/cart/
            recursive: true
        action: Allow
      """
    ],
    good: [
      """
      apiVersion: v1
      kind: Namespace
      metadata:
        name: shop
        annotations:
          kubearmor-file-posture: block
      ---
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: cart-files
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          matchDirectories:
          - dir: /var/lib/cart/
            recursive: true
          - dir: /usr/lib/
            recursive: true
          - dir: /lib/
            recursive: true
        action: Allow
      """
    ],
    fix: """
      Build with `--base runtime-v1`, which allows loaders, libraries and the common devices on every enforcer, or allow
      the directories of libraries (`/lib/`, `/usr/lib/`, …) yourself. A statically linked program needs nothing.
      """
  )

  /// Loaders of glibc and musl where distributions put them, `/lib` being a link or a directory.
  private static let loaders = [
    "/lib64/ld-linux-x86-64.so.2", "/usr/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/usr/lib/ld-linux-aarch64.so.1",
    "/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1", "/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1", "/lib/x86_64-linux-gnu/ld-2.31.so",
    "/usr/lib/x86_64-linux-gnu/ld-2.31.so", "/usr/lib/ld-linux-x86-64.so.2", "/lib/ld-linux.so.2",
  ].compactMap { BytePath($0) }
  private static let common = ["/etc/ld.so.cache", "/dev/null", "/dev/urandom"].compactMap { BytePath($0) }

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    var told: Set<Origin> = []
    for (subject, _) in pass.subjects where subject.postures.file == .block {
      let rules = subject.rules
      let allows = rules.filter { $0.action == .allow && $0.resourceClass == .file }
      guard let first = allows.first(where: { $0.origin.policy.kind != .base }), !told.contains(first.origin) else {
        continue
      }
      // A rule that names some loader or library by itself shows that the author thought of them.
      if allows.contains(where: AllowListWithoutLoader.namesLibrary) { continue }
      let evaluator = Evaluator(subject)
      func reads(_ path: BytePath, from source: BytePath?) -> Bool {
        evaluator.decide(Event(source: source, access: .path(.read, path), isOwner: true)).verdict != .block
      }
      let named = Set(allows.flatMap(\.sources)).compactMap { source -> BytePath? in
        if case .literal(let path) = source { path } else { nil }
      }
      let sources: [BytePath?] = [nil] + named.sorted()
      if sources.contains(where: { source in Self.loaders.contains { reads($0, from: source) } }) { continue }
      told.insert(first.origin)
      let also = Self.common.filter { !reads($0, from: nil) }.map { "'\($0)'" }
      let witness = Self.loaders.first.map { Event(source: nil, access: .path(.read, $0), isOwner: false) }
      var notes = [
        "file posture is 'block': '\(witness?.description ?? "")' and every other loader and library is blocked"
      ]
      if !also.isEmpty { notes.append("blocked as well: \(RuleText.list(also, word: "and"))") }
      notes.append(
        "build with '--base runtime-v1' to allow what programs need to start, or allow '/lib/' and '/usr/lib/'"
      )
      findings.append(
        finding(
          "under this allow-list no dynamically linked program can start",
          at: pass.place(first),
          caption: "makes 'file' an allow-list that holds no loader and no library",
          notes: notes
        )
      )
    }
    return findings
  }

  private static func namesLibrary(_ rule: Rule) -> Bool {
    guard case .file(let set) = rule.target, case .literal(let path) = set else { return false }
    let name = String(decoding: path.basename, as: UTF8.self)
    return name.hasSuffix(".so") || name.contains(".so.")
  }
}
