import Testing

/// One commit to `examples/`, and what it means: worked out by hand from docs/semantics.md.
struct DiffKind: Sendable, CustomTestStringConvertible {
  let name: String
  var edits: [Edit]
  /// Of `--detailed-exit-code`.
  let status: Int32
  /// Every subject that changes, and which way each class goes.
  let directions: [String: [String: String]]
  /// Events that change, each in its subject.
  var events: [Flip]
  /// Beyond the two sides.
  var arguments: [String] = []

  struct Edit: Sendable {
    /// Below `examples/`.
    let file: String
    /// Stands there once; empty for a file that is to be made.
    let old: String
    let new: String
  }

  struct Flip: Sendable {
    let subject: String
    let event: String
    let old: String
    let new: String
  }

  var testDescription: String { name }
}

extension DiffKind {
  private static let cart = "policies/cart.yaml"
  private static let payments = "policies/payments.yaml"
  private static let web = "policies/web.yaml"
  private static let staging = "policies/staging.yaml"
  private static let workloads = "cluster/workloads.yaml"

  /// One edit that moves one class of one subject, shown by one event.
  private static func one(
    _ name: String,
    _ file: String,
    _ old: String,
    _ new: String,
    _ direction: String,
    _ subject: String,
    _ resourceClass: String,
    _ event: String,
    _ before: String,
    _ after: String
  ) -> DiffKind {
    DiffKind(
      name: name,
      edits: [Edit(file: file, old: old, new: new)],
      status: ["tighter": 4, "looser": 5, "both": 6][direction] ?? 0,
      directions: [subject: [resourceClass: direction]],
      events: [Flip(subject: subject, event: event, old: before, new: after)]
    )
  }

  /// Edits that change no verdict.
  private static func none(_ name: String, _ edits: [Edit]) -> DiffKind {
    DiffKind(name: name, edits: edits, status: 0, directions: [:], events: [])
  }

  static let all: [DiffKind] = patterns + flags + actions + sources + subjects + contexts + meaningless

  static let patterns = [
    one(
      "a pattern of Block is loosened",
      cart,
      "/usr/bin/{curl,wget}*",
      "/usr/bin/curl*",
      "looser",
      "shop.cart.cart",
      "process",
      "exec /usr/bin/wget",
      "block",
      "allow"
    ),
    one(
      "a pattern of Block is tightened",
      cart,
      "/usr/bin/{curl,wget}*",
      "/usr/bin/{curl,wget,ftp}*",
      "tighter",
      "shop.cart.cart",
      "process",
      "exec /usr/bin/ftp",
      "allow",
      "block"
    ),
    one(
      "a pattern of Allow is loosened",
      payments,
      "/var/log/payments/*.log",
      "/var/log/payments/**.log",
      "looser",
      "shop.payments.payments",
      "file",
      "read /var/log/payments/old/1.log",
      "block",
      "allow"
    ),
    one(
      "a pattern is another one",
      cart,
      "/usr/bin/{curl,wget}*",
      "/usr/bin/{curl,ftp}*",
      "both",
      "shop.cart.cart",
      "process",
      "exec /usr/bin/ftp",
      "allow",
      "block"
    ),
    one(
      "recursive is added",
      cart,
      "      - dir: /dev/shm/\n",
      "      - dir: /dev/shm/\n        recursive: true\n",
      "tighter",
      "shop.cart.cart",
      "process",
      "exec /dev/shm/a/b",
      "allow",
      "block"
    ),
    one(
      "recursive is dropped",
      cart,
      "      - dir: /tmp/\n        recursive: true\n",
      "      - dir: /tmp/\n",
      "looser",
      "shop.cart.cart",
      "process",
      "exec /tmp/a/b",
      "block",
      "allow"
    ),
  ]

  static let flags = [
    // A Block with readOnly blocks what is no read, and lets reads be.
    one(
      "readOnly is added to a Block",
      cart,
      "      - dir: /run/secrets/\n",
      "      - dir: /run/secrets/\n        readOnly: true\n",
      "looser",
      "shop.cart.cart",
      "file",
      "read /run/secrets/token",
      "block",
      "allow"
    ),
    // An Allow with readOnly blocks writing.
    one(
      "readOnly is added to an Allow",
      payments,
      "      - pattern: /var/log/payments/*.log\n",
      "      - pattern: /var/log/payments/*.log\n        readOnly: true\n",
      "tighter",
      "shop.payments.payments",
      "file",
      "write /var/log/payments/1.log",
      "allow",
      "block"
    ),
    // Beside it stands an Audit of the same file.
    one(
      "readOnly is dropped from an Allow",
      payments,
      "      - path: /etc/payments/payments.conf\n        readOnly: true\n",
      "      - path: /etc/payments/payments.conf\n",
      "looser",
      "shop.payments.payments",
      "file",
      "write /etc/payments/payments.conf",
      "block",
      "audit"
    ),
    one(
      "ownerOnly is added to an Allow",
      payments,
      "      - path: /run/payments.pid\n",
      "      - path: /run/payments.pid\n        ownerOnly: true\n",
      "tighter",
      "shop.payments.payments",
      "file",
      "other write /run/payments.pid",
      "allow",
      "block"
    ),
    one(
      "ownerOnly is dropped from an Allow",
      payments,
      "      - path: /run/payments.lock\n        ownerOnly: true\n",
      "      - path: /run/payments.lock\n",
      "looser",
      "shop.payments.payments",
      "file",
      "other read /run/payments.lock",
      "block",
      "allow"
    ),
    // It blocks what is not the owner's, so now the owner's too.
    one(
      "ownerOnly is dropped from a Block",
      cart,
      "      - path: /srv/cart/session.key\n        ownerOnly: true\n",
      "      - path: /srv/cart/session.key\n",
      "tighter",
      "shop.cart.cart",
      "file",
      "read /srv/cart/session.key",
      "allow",
      "block"
    ),
  ]

  static let actions = [
    // Everything that is not named is blocked from now on: files have posture `block` here.
    one(
      "a first Allow makes the class an allow-list",
      cart,
      "      - path: /etc/shadow\n",
      "      - path: /etc/shadow\n      - path: /srv/cart/new\n        action: Allow\n",
      "tighter",
      "shop.cart.cart",
      "file",
      "read /srv/other",
      "allow",
      "block"
    ),
    one(
      "the last Allow of a class is removed",
      staging,
      "  capabilities:\n    matchCapabilities:\n      - capability: net_bind_service\n",
      "",
      "looser",
      "shop-staging.search.search",
      "capabilities",
      "capability sys_admin",
      "audit",
      "allow"
    ),
    one(
      "an Allow of several is removed",
      web,
      "      - execname: envsubst\n",
      "",
      "tighter",
      "shop.web.nginx",
      "process",
      "exec /usr/bin/envsubst",
      "allow",
      "block"
    ),
    one(
      "a Block is removed",
      cart,
      "      - path: /usr/bin/apt\n",
      "",
      "looser",
      "shop.cart.cart",
      "process",
      "exec /usr/bin/apt",
      "block",
      "allow"
    ),
    one(
      "a Block is added",
      cart,
      "      - path: /usr/bin/apt\n",
      "      - path: /usr/bin/apt\n      - path: /usr/bin/gdb\n",
      "tighter",
      "shop.cart.cart",
      "process",
      "exec /usr/bin/gdb",
      "allow",
      "block"
    ),
    one(
      "Audit becomes Block",
      cart,
      "      - path: /usr/local/bin/npm\n        action: Audit\n    ",
      "      - path: /usr/local/bin/npm\n    ",
      "tighter",
      "shop.cart.cart",
      "process",
      "exec /usr/local/bin/npm",
      "audit",
      "block"
    ),
    one(
      "Block becomes Audit",
      cart,
      "      - execname: nc\n",
      "      - execname: nc\n        action: Audit\n",
      "looser",
      "shop.cart.cart",
      "process",
      "exec /usr/bin/nc",
      "block",
      "audit"
    ),
    one(
      "an Audit is removed",
      cart,
      "      - path: /etc/hosts\n        action: Audit\n",
      "",
      "looser",
      "shop.cart.cart",
      "file",
      "read /etc/hosts",
      "audit",
      "allow"
    ),
    one(
      "a capability is added",
      cart,
      "      - capability: mknod\n",
      "      - capability: mknod\n      - capability: net_raw\n",
      "tighter",
      "shop.cart.cart",
      "capabilities",
      "capability net_raw",
      "allow",
      "block"
    ),
    // `icmp` covers datagrams of ICMP too, which were only reported, as all of `udp`; `raw` covers every family.
    DiffKind(
      name: "a protocol is another one",
      edits: [Edit(file: cart, old: "      - protocol: raw\n", new: "      - protocol: icmp\n")],
      status: 6,
      directions: ["shop.cart.cart": ["network": "both"]],
      events: [
        Flip(subject: "shop.cart.cart", event: "network 2 3 0", old: "block", new: "allow"),
        Flip(subject: "shop.cart.cart", event: "network 2 2 1", old: "audit", new: "block"),
      ]
    ),
    one(
      "system calls are reported",
      cart,
      "  capabilities:\n    matchCapabilities:\n      - capability: sys_admin\n",
      "  syscalls:\n    matchSyscalls:\n      - syscall: [unlink]\n"
        + "  capabilities:\n    matchCapabilities:\n      - capability: sys_admin\n",
      "tighter",
      "shop.cart.cart",
      "syscalls",
      "syscall unlink",
      "allow",
      "audit"
    ),
  ]

  static let sources = [
    one(
      "fromSource is added",
      cart,
      "      - path: /usr/bin/apt\n",
      "      - path: /usr/bin/apt\n        fromSource:\n          - path: /usr/local/bin/node\n",
      "looser",
      "shop.cart.cart",
      "process",
      "exec /usr/bin/apt",
      "block",
      "allow"
    ),
    one(
      "fromSource is removed",
      cart,
      "      - path: /srv/cart/token\n        fromSource:\n          - path: /usr/local/bin/npm\n",
      "      - path: /srv/cart/token\n",
      "tighter",
      "shop.cart.cart",
      "file",
      "read /srv/cart/token",
      "allow",
      "block"
    ),
    // The file is blocked for all; naming the source is the exception to it.
    one(
      "a sourced Allow is an exception to a Block",
      payments,
      "      - path: /var/lib/payments/seed\n        action: Block\n",
      "      - path: /var/lib/payments/seed\n        action: Block\n      - path: /var/lib/payments/seed\n"
        + "        fromSource:\n          - path: /app/bin/report\n",
      "looser",
      "shop.payments.payments",
      "file",
      "read /var/lib/payments/seed from /app/bin/report",
      "block",
      "allow"
    ),
    // Where there was no Allow, it also turns the class into an allow-list, from whatever source.
    DiffKind(
      name: "a sourced Allow is the first of its class",
      edits: [
        Edit(
          file: cart,
          old: "      - path: /usr/bin/apt\n",
          new: "      - path: /usr/bin/apt\n      - path: /usr/bin/apt\n        action: Allow\n"
            + "        fromSource:\n          - path: /usr/local/bin/npm\n"
        )
      ],
      status: 6,
      directions: ["shop.cart.cart": ["process": "both"]],
      events: [
        Flip(
          subject: "shop.cart.cart",
          event: "exec /usr/bin/apt from /usr/local/bin/npm",
          old: "block",
          new: "allow"
        ),
        Flip(subject: "shop.cart.cart", event: "exec /bin/true", old: "allow", new: "block"),
      ]
    ),
  ]

  static let subjects = [
    // Nothing has these labels: the workload loses the policy, and who has them keeps it.
    DiffKind(
      name: "a selector is narrowed",
      edits: [
        Edit(
          file: cart,
          old: "      app: cart\n      kubearmor.io/container.name: \"[cart]\"\n  severity: 8\n",
          new: "      app: cart\n      tier: frontend\n      kubearmor.io/container.name: \"[cart]\"\n  severity: 8\n"
        )
      ],
      status: 5,
      directions: ["shop.cart.cart": ["network": "looser", "capabilities": "looser"]],
      events: [
        Flip(subject: "shop.cart.cart", event: "network 2 3 0", old: "block", new: "allow"),
        Flip(subject: "shop.cart.cart", event: "capability chown", old: "audit", new: "allow"),
      ]
    ),
    DiffKind(
      name: "a selector is widened",
      edits: [
        Edit(
          file: cart,
          old: "      kubearmor.io/container.name: \"[cart]\"\n  severity: 7\n",
          new: "  severity: 7\n"
        )
      ],
      status: 4,
      directions: ["shop.cart.metrics": ["process": "tighter"]],
      events: [Flip(subject: "shop.cart.metrics", event: "exec /usr/bin/apt", old: "allow", new: "block")]
    ),
    DiffKind(
      name: "a policy is restricted to another container",
      edits: [
        Edit(
          file: web,
          old: "{app: web}\n  # Every rule",
          new: "{app: web, kubearmor.io/container.name: \"[sidecar]\"}\n  # Every rule"
        )
      ],
      status: 5,
      directions: ["shop.web.nginx": ["process": "looser", "file": "looser"]],
      events: [
        Flip(subject: "shop.web.nginx", event: "exec /bin/sh", old: "block", new: "allow"),
        Flip(subject: "shop.web.nginx", event: "write /etc/nginx/nginx.conf", old: "block", new: "allow"),
      ]
    ),
    DiffKind(
      name: "a policy is added",
      edits: [
        Edit(
          file: "policies/extra.yaml",
          old: "",
          new: Sample.policy("extra", app: "cart", "  action: Block\n  file: {matchPaths: [{path: /srv/cart/x}]}\n")
        )
      ],
      status: 4,
      directions: ["shop.cart.cart": ["file": "tighter"], "shop.cart.metrics": ["file": "tighter"]],
      events: [Flip(subject: "shop.cart.metrics", event: "read /srv/cart/x", old: "allow", new: "block")]
    ),
    DiffKind(
      name: "a policy is removed, and with it a subject",
      edits: [Edit(file: "policies/node.yaml", old: Examples.files["examples/policies/node.yaml"] ?? "", new: "")],
      status: 5,
      directions: [
        "host.worker-1": ["process": "looser", "file": "looser", "network": "looser", "capabilities": "looser"]
      ],
      events: [
        Flip(subject: "host.worker-1", event: "exec /usr/bin/gdb", old: "block", new: "allow"),
        Flip(
          subject: "host.worker-1",
          event: "exec /usr/bin/kubectl from /usr/bin/ssh-shell",
          old: "audit",
          new: "allow"
        ),
      ]
    ),
  ]

  static let contexts = [
    // Allow-lists of sockets: web's and payments'.
    DiffKind(
      name: "a posture is flipped by an annotation",
      edits: [
        Edit(file: workloads, old: "kubearmor-network-posture: block", new: "kubearmor-network-posture: audit")
      ],
      status: 5,
      directions: ["shop.web.nginx": ["network": "looser"], "shop.payments.payments": ["network": "looser"]],
      events: [Flip(subject: "shop.web.nginx", event: "network 2 3 0", old: "block", new: "audit")]
    ),
    // The shop has no annotation for files, staging has one; hosts have a posture of their own.
    DiffKind(
      name: "a posture is flipped by the configuration",
      edits: [Edit(file: "cluster/config.yaml", old: "defaultFilePosture: block", new: "defaultFilePosture: audit")],
      status: 5,
      directions: [
        "shop.web.nginx": ["process": "looser"], "shop.payments.payments": ["process": "looser", "file": "looser"],
      ],
      events: [
        Flip(subject: "shop.payments.payments", event: "read /etc/os-release", old: "block", new: "audit"),
        Flip(subject: "shop.web.nginx", event: "exec /bin/sh", old: "block", new: "audit"),
      ]
    ),
    DiffKind(
      name: "a posture is flipped on the command line",
      edits: [],
      status: 4,
      directions: [
        "shop.web.nginx": ["process": "tighter"], "shop.payments.payments": ["process": "tighter", "file": "tighter"],
      ],
      events: [],
      arguments: ["--posture", "file=block", "--old-posture", "file=audit"]
    ),
    // It is no payments any more: its allow-lists are gone, and the namespace's own policy speaks of it now.
    DiffKind(
      name: "a workload's label is another one",
      edits: [
        Edit(
          file: workloads,
          old: "      labels: {app: payments, tier: backend}\n",
          new: "      labels: {app: pay, tier: backend}\n"
        )
      ],
      status: 5,
      directions: [
        "shop.payments.payments": [
          "process": "looser", "file": "looser", "network": "looser", "capabilities": "looser",
        ]
      ],
      events: [
        Flip(subject: "shop.payments.payments", event: "exec /bin/sh", old: "block", new: "allow"),
        Flip(subject: "shop.payments.payments", event: "read /etc/sudoers", old: "block", new: "audit"),
        Flip(subject: "shop.payments.payments", event: "capability sys_admin", old: "block", new: "allow"),
      ]
    ),
    // Files of allow-lists only: those of payments and of staging's search.
    DiffKind(
      name: "a base list is added",
      edits: [],
      status: 5,
      directions: ["shop.payments.payments": ["file": "looser"], "shop-staging.search.search": ["file": "looser"]],
      events: [],
      arguments: ["--base", "runtime-v1", "--old-base", "none"]
    ),
    // Nobody knows what the kernel makes of the lines.
    DiffKind(
      name: "native AppArmor rules change",
      edits: [Edit(file: web, old: "deny ptrace (read, trace),", new: "deny ptrace (read),")],
      status: 6,
      directions: [:],
      events: []
    ),
  ]

  static let meaningless = [
    none(
      "a policy is renamed",
      [Edit(file: cart, old: "name: cart-privileges", new: "name: cart-rights")]
    ),
    none("a message is another one", [Edit(file: cart, old: "a tool of attackers was started", new: "intrusion")]),
    none("tags are others", [Edit(file: cart, old: "tags: [shop, intrusion]", new: "tags: [intrusion]")]),
    none("a severity is another one", [Edit(file: cart, old: "severity: 7", new: "severity: 3")]),
    none(
      "rules are reordered",
      [
        Edit(
          file: cart,
          old: "      - path: /usr/bin/apt\n      - execname: nc\n",
          new: "      - execname: nc\n      - path: /usr/bin/apt\n"
        )
      ]
    ),
    none(
      "a rule is added that others cover",
      [
        Edit(
          file: cart,
          old: "      - path: /usr/bin/apt\n",
          new: "      - path: /usr/bin/apt\n      - path: /tmp/x/y\n"
        )
      ]
    ),
    none(
      "a container is named that was the only one",
      [
        Edit(
          file: web,
          old: "{app: web}\n  # Every rule",
          new: "{app: web, kubearmor.io/container.name: \"[nginx]\"}\n  # Every rule"
        )
      ]
    ),
    none("a comment is another one", [Edit(file: web, old: "no shell for whoever breaks in", new: "no shell")]),
    none(
      "a policy moves to another file",
      [
        Edit(file: "policies/node.yaml", old: Examples.files["examples/policies/node.yaml"] ?? "", new: ""),
        Edit(file: "policies/hosts.yaml", old: "", new: Examples.files["examples/policies/node.yaml"] ?? ""),
      ]
    ),
    // A new copy of a workload is judged by what the old policies would have said of it.
    none(
      "a workload is added",
      [
        Edit(
          file: "cluster/more.yaml",
          old: "",
          new: """
            apiVersion: v1
            kind: Pod
            metadata: {name: web-2, namespace: shop, labels: {app: web}}
            spec: {containers: [{name: nginx}]}

            """
        )
      ]
    ),
  ]
}
