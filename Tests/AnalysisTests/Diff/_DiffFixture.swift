import Analysis
import Automata
import IR

/// Diffs made by hand: what renderers must cope with, realistic and hostile.
enum DiffFixture {
  /// The YAML of both sides, so that renderers have source lines to show.
  static let oldFiles: [String: [String]] = [
    "policies/web.yaml": [
      "apiVersion: security.kubearmor.com/v1",
      "kind: KubeArmorPolicy",
      "metadata: {name: web, namespace: shop}",
      "spec:",
      "  file:",
      "    matchDirectories:",
      "      - dir: /etc/ # nobody reads the configuration but its owner",
      "        recursive: true",
      "  network:",
      "    matchProtocols:",
      "      - protocol: raw",
    ],
    "policies/host.yaml": [
      "kind: KubeArmorHostPolicy", "metadata: {name: node}", "spec:", "  capabilities:", "    matchCapabilities:",
      "      - capability: sys_admin", "      - capability: sys_module",
    ],
    "policies/staging.yaml": [
      "kind: KubeArmorClusterPolicy", "metadata: {name: staging}", "spec:", "  file:", "    matchPaths:",
      "      - path: /etc/resolv.conf",
    ],
  ]

  static let newFiles: [String: [String]] = [
    "policies/web.yaml": [
      "apiVersion: security.kubearmor.com/v1",
      "kind: KubeArmorPolicy",
      "metadata: {name: web, namespace: shop}",
      "spec:",
      "  process:",
      "    matchPaths:",
      "      - path: /usr/bin/curl",
      "        fromSource: [{path: /usr/sbin/nginx}]",
      "  file:",
      "    matchPatterns:",
      "      - pattern: /etc/{shadow,gshadow}*",
    ],
    "policies/cart.yaml": [
      "kind: KubeArmorPolicy", "metadata: {name: cart, namespace: shop}", "spec:", "  action: Allow", "  process:",
      "    matchPaths:", "      - path: /usr/bin/cartd", "  syscalls:", "    matchPaths:",
      "      - path: /var/lib/cart", "        syscall: [unlink, rmdir]",
    ],
    "policies/host.yaml": [
      "kind: KubeArmorHostPolicy", "metadata: {name: node}", "spec:", "  capabilities:", "    matchCapabilities:",
      "      - capability: sys_module",
    ],
  ]

  static let sources = DiffSources(
    oldName: "main",
    newName: "work tree",
    line: { location, side in
      let lines = (side == .old ? oldFiles : newFiles)[location.file] ?? []
      return lines.indices.contains(location.line - 1) ? lines[location.line - 1] : nil
    }
  )

  // MARK: Parts

  static func path(_ text: String) -> BytePath { BytePath(text) ?? .root }

  static func policy(_ name: String, _ namespace: String = "shop", _ kind: PolicyKind = .pod) -> PolicyID {
    PolicyID(kind: kind, namespace: namespace, name: name)
  }

  static func rule(
    _ target: Rule.Target,
    action: Action = .block,
    from sources: [String] = [],
    _ policy: PolicyID,
    _ place: String,
    _ file: String,
    _ line: Int
  ) -> Rule {
    Rule(
      target: target,
      sources: sources.map { .literal(path($0)) },
      action: action,
      origin: Origin(
        policy: policy,
        position: line,
        path: place,
        location: Location(file: file, line: line, column: 9)
      )
    )
  }

  static func by(_ rule: Rule) -> Decider { .rule(rule.origin) }

  static func witness(
    _ access: Access,
    from source: String? = nil,
    owner: Bool = true,
    _ old: Verdict,
    _ oldDecider: Decider = .nothing,
    _ new: Verdict,
    _ newDecider: Decider = .nothing
  ) -> ChangeWitness {
    ChangeWitness(
      event: Event(source: source.map(path), access: access, isOwner: owner),
      old: Decision(old, by: oldDecider),
      new: Decision(new, by: newDecider)
    )
  }

  static func paths(
    _ operations: [PathOperation],
    _ include: [String],
    except: [String] = [],
    isExact: Bool = true,
    samples: [String] = [],
    sources: SourceSet = .any,
    owner: OwnerCondition = .any,
    _ witnesses: [ChangeWitness]
  ) -> ChangeRegion {
    ChangeRegion(
      objects: .paths(
        operations,
        PathLanguage(include: include, except: except, isExact: isExact, samples: samples.map(path))
      ),
      sources: sources,
      owner: owner,
      witnesses: witnesses
    )
  }

  static func cells(_ word: NetworkProtocol) -> [SocketCell] {
    SocketCell.all.filter { word.covers($0.representative) }
  }

  static func equal(_ name: String, settings: [SettingChange] = []) -> SubjectDiff {
    SubjectDiff(name: name, description: "selector of \(name)", presence: .both, settings: settings)
  }

  // MARK: Diffs

  static let nothing = PolicyDiff(subjects: [equal("shop.cart.cart"), equal("shop.web.nginx")], edits: [])

  static let silent = PolicyDiff(
    subjects: [
      equal("shop.cart.cart", settings: [.posture(.file, old: .audit, new: .block)]),
      equal("shop.web.nginx", settings: [.posture(.file, old: .audit, new: .block)]),
      SubjectDiff(name: "shop.mail.mail", description: "container mail of Pod/mail in shop", presence: .added),
    ],
    edits: silentEdits
  )

  static let silentEdits: [PolicyEdit] = {
    let web = policy("web")
    let covered = rule(
      .file(.literal(path("/etc/shadow"))),
      web,
      "spec.file.matchPaths[0]",
      "policies/web.yaml",
      14
    )
    func at(_ line: Int) -> Location { Location(file: "policies/web.yaml", line: line, column: 3) }
    return [
      PolicyEdit(
        policy: web,
        kind: .ruleAdded(covered),
        effect: .none("already covered by policies/web.yaml:11"),
        newLocation: at(14)
      ),
      PolicyEdit(
        policy: policy("cart"),
        kind: .reordered,
        effect: .none("the order of rules never matters"),
        oldLocation: Location(file: "policies/cart.yaml", line: 1, column: 1),
        newLocation: Location(file: "policies/cart.yaml", line: 1, column: 1)
      ),
      PolicyEdit(
        policy: web,
        kind: .metadata(field: "severity", old: "5", new: "7", rules: 3),
        effect: .none("no verdict depends on it"),
        oldLocation: at(5),
        newLocation: at(5)
      ),
      PolicyEdit(
        policy: web,
        kind: .metadata(field: "message", old: "", new: "configuration was read", rules: 1),
        effect: .none("no verdict depends on it"),
        oldLocation: at(7),
        newLocation: at(9)
      ),
    ]
  }()

  /// A change of a shop's policies as a reviewer meets it.
  static let review = PolicyDiff(
    subjects: [
      node, cart, equal("shop.frontend.app"), added, payments, removed, web, tooLarge,
      staging("api"), staging("jobs"), staging("web"), native, equal("tools.backup.backup"),
    ].sorted { $0.name < $1.name },
    edits: silentEdits + [
      PolicyEdit(
        policy: policy("web"),
        kind: .notCompiled("native AppArmor rules of shop/web"),
        effect: .unknown,
        oldLocation: Location(file: "policies/web.yaml", line: 4, column: 3),
        newLocation: Location(file: "policies/web.yaml", line: 4, column: 3)
      )
    ]
  )

  static let web: SubjectDiff = {
    let id = policy("web")
    let file = "policies/web.yaml"
    let wide = rule(
      .file(.directory(path("/etc"), recursive: true, includesSelf: true)),
      id,
      "spec.file.matchDirectories[0]",
      file,
      7
    )
    let glob = (try? Glob(Array("/etc/{shadow,gshadow}*".utf8))).map(PathSet.glob) ?? .literal(.root)
    let narrow = rule(.file(glob), id, "spec.file.matchPatterns[0]", file, 11)
    let raw = rule(.network(.raw), id, "spec.network.matchProtocols[0]", file, 11)
    let curl = rule(
      .process(.literal(path("/usr/bin/curl"))),
      from: ["/usr/sbin/nginx"],
      id,
      "spec.process.matchPaths[0]",
      file,
      7
    )
    return SubjectDiff(
      name: "shop.web.nginx",
      description: "container nginx of Deployment/web in shop",
      presence: .both,
      entries: [
        ChangeEntry(
          resourceClass: .file,
          old: .block,
          new: .allow,
          cause: Cause(.ruleChanged, old: wide, new: narrow),
          regions: [
            paths(
              [.read, .write],
              ["/etc/**", "/etc"],
              except: ["/etc/{shadow,gshadow}*"],
              [
                witness(.path(.read, path("/etc")), .block, by(wide), .allow),
                witness(.path(.read, path("/etc/ssl")), .block, by(wide), .allow),
              ]
            )
          ]
        ),
        ChangeEntry(
          resourceClass: .network,
          old: .block,
          new: .allow,
          cause: Cause(.ruleRemoved, old: raw),
          regions: [
            ChangeRegion(
              objects: .sockets(cells(.raw), words: "raw"),
              sources: .allBut([path("/usr/bin/ping")]),
              owner: .any,
              witnesses: [
                witness(
                  .network(Socket(family: 2, type: 3, protocolNumber: 1)),
                  from: "/usr/bin/nmap",
                  .block,
                  by(raw),
                  .allow
                )
              ]
            )
          ]
        ),
        ChangeEntry(
          resourceClass: .process,
          old: .allow,
          new: .block,
          cause: Cause(.ruleAdded, new: curl),
          regions: [
            paths(
              [.exec],
              ["/usr/bin/curl"],
              sources: .only([path("/usr/sbin/nginx")]),
              [
                witness(
                  .path(.exec, path("/usr/bin/curl")),
                  from: "/usr/sbin/nginx",
                  .allow,
                  .nothing,
                  .block,
                  by(curl)
                )
              ]
            )
          ]
        ),
      ]
    )
  }()

  static let cart: SubjectDiff = {
    let id = policy("cart")
    let file = "policies/cart.yaml"
    let daemon = rule(
      .process(.literal(path("/usr/bin/cartd"))),
      action: .allow,
      id,
      "spec.process.matchPaths[0]",
      file,
      7
    )
    let calls = rule(
      .syscall(["unlink", "rmdir"], path: .directory(path("/var/lib/cart"), recursive: true, includesSelf: true)),
      action: .audit,
      id,
      "spec.syscalls.matchPaths[0]",
      file,
      10
    )
    return SubjectDiff(
      name: "shop.cart.cart",
      description: "container cart of StatefulSet/cart in shop",
      presence: .both,
      settings: [.allowListOn(.process, by: daemon)],
      entries: [
        ChangeEntry(
          resourceClass: .process,
          old: .allow,
          new: .block,
          cause: Cause(.allowListOn, new: daemon),
          regions: [
            paths(
              [.exec],
              (0..<40).map { "/opt/vendor-\($0)/**/lib{,32,64}/[^a-f]*.so" },
              except: ["/opt/vendor-7/bin/*"],
              isExact: false,
              samples: ["/a", "/b", "/bin/sh"],
              owner: .other,
              [
                witness(
                  .path(.exec, path("/bin/sh")),
                  from: "/usr/bin/cartd",
                  owner: false,
                  .allow,
                  .nothing,
                  .block,
                  .posture(.process)
                )
              ]
            )
          ]
        ),
        ChangeEntry(
          resourceClass: .syscalls,
          old: .allow,
          new: .audit,
          cause: Cause(.ruleAdded, new: calls),
          regions: [
            ChangeRegion(
              objects: .syscalls(["rmdir", "unlink"], PathLanguage(include: ["/var/lib/cart/**"])),
              sources: .matching(PathLanguage(include: ["/usr/bin/**"])),
              owner: .any,
              witnesses: [
                witness(
                  .syscall("unlink", path("/var/lib/cart/a")),
                  from: "/usr/bin/a",
                  .allow,
                  .nothing,
                  .audit,
                  by(calls)
                )
              ]
            )
          ]
        ),
      ]
    )
  }()

  static let node: SubjectDiff = {
    let id = policy("node", "", .host)
    let admin = rule(.capability(.sys_admin), id, "spec.capabilities.matchCapabilities[0]", "policies/host.yaml", 6)
    return SubjectDiff(
      name: "host.worker-1",
      description: "node worker-1",
      presence: .both,
      entries: [
        ChangeEntry(
          resourceClass: .capabilities,
          old: .block,
          new: .allow,
          cause: Cause(.ruleRemoved, old: admin),
          regions: [
            ChangeRegion(
              objects: .capabilities([.sys_admin]),
              sources: .any,
              owner: .any,
              witnesses: [witness(.capability(.sys_admin), .block, by(admin), .allow)]
            )
          ]
        )
      ]
    )
  }()

  static let payments = SubjectDiff(
    name: "shop.payments.api",
    description: "container api of Deployment/payments in shop",
    presence: .both,
    settings: [.posture(.file, old: .audit, new: .block)],
    entries: [
      ChangeEntry(
        resourceClass: .file,
        old: .audit,
        new: .block,
        cause: Cause(.posture, oldPosture: .audit, newPosture: .block),
        regions: [
          paths(
            [.read, .write],
            ["/**"],
            except: ["/srv/payments/**", "/usr/lib/**"],
            [
              witness(
                .path(.read, path("/a")),
                .audit,
                .posture(.file),
                .block,
                .posture(.file)
              )
            ]
          )
        ]
      )
    ]
  )

  static let added: SubjectDiff = {
    let id = policy("search")
    let shell = rule(
      .process(.basename(Array("sh".utf8))),
      id,
      "spec.process.matchPaths[0]",
      "policies/search.yaml",
      9
    )
    return SubjectDiff(
      name: "shop.search.search",
      description: "container search of Deployment/search in shop",
      presence: .added,
      entries: [
        ChangeEntry(
          resourceClass: .process,
          old: .allow,
          new: .block,
          cause: Cause(.policyAdded, new: shell),
          regions: [
            paths(
              [.exec],
              ["/**/sh", "/sh"],
              [witness(.path(.exec, path("/sh")), .allow, .nothing, .block, by(shell))]
            )
          ]
        )
      ]
    )
  }()

  static let removed: SubjectDiff = {
    let id = policy("legacy", "old")
    let etc = rule(
      .file(.literal(path("/etc/hosts"))),
      action: .audit,
      id,
      "spec.file.matchPaths[0]",
      "policies/legacy.yaml",
      8
    )
    return SubjectDiff(
      name: "old.legacy",
      description: "pods of old with app=legacy",
      presence: .removed,
      entries: [
        ChangeEntry(
          resourceClass: .file,
          old: .audit,
          new: .allow,
          cause: Cause(.policyRemoved, old: etc),
          regions: [
            paths(
              [.write],
              ["/etc/hosts"],
              owner: .other,
              [witness(.path(.write, path("/etc/hosts")), owner: false, .audit, by(etc), .allow)]
            )
          ]
        )
      ]
    )
  }()

  static func staging(_ name: String) -> SubjectDiff {
    let id = policy("staging", "", .cluster)
    let resolver = rule(
      .file(.literal(path("/etc/resolv.conf"))),
      id,
      "spec.file.matchPaths[0]",
      "policies/staging.yaml",
      6
    )
    return SubjectDiff(
      name: "staging.\(name).\(name)",
      description: "container \(name) of Deployment/\(name) in staging",
      presence: .both,
      settings: [.policyLeft(id, Location(file: "policies/staging.yaml", line: 2, column: 1))],
      entries: [
        ChangeEntry(
          resourceClass: .file,
          old: .block,
          new: .allow,
          cause: Cause(.policyLeft, old: resolver),
          regions: [
            paths(
              [.read, .write],
              ["/etc/resolv.conf"],
              [witness(.path(.read, path("/etc/resolv.conf")), .block, by(resolver), .allow)]
            )
          ]
        )
      ]
    )
  }

  static let native = SubjectDiff(
    name: "shop.mail.mail",
    description: "container mail of Pod/mail in shop",
    presence: .both,
    unjudged: [
      UnjudgedChange(
        what: "native AppArmor rules of shop/web",
        kind: .changed,
        policy: policy("web"),
        location: Location(file: "policies/web.yaml", line: 4, column: 3)
      )
    ]
  )

  static let tooLarge = SubjectDiff(
    name: "shop.warehouse.index",
    description: "container index of Job/index in shop",
    presence: .both,
    problem:
      "its paths need more than 1,000,000 states; policies/warehouse.yaml:12 (spec.file.matchPatterns[3]) adds most"
  )
}
