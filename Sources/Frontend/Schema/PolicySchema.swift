/// The schema of the policy kinds (the CRDs of KubeArmor 1.7, `deployments/CRD`).
package enum PolicySchema {
  package static let group = "security.kubearmor.com"
  package static let apiVersion = "security.kubearmor.com/v1"

  // MARK: Pieces

  private static let attributes = [
    FieldShape("severity", .integer),
    FieldShape("tags", .strings),
    FieldShape("message", .string),
    FieldShape("action", .string),
  ]

  private static let described = [
    FieldShape("severity", .integer),
    FieldShape("tags", .strings),
    FieldShape("message", .string),
  ]

  /// An entry of `fromSource` outside `syscalls`: a path and nothing else.
  package static let source = ObjectShape(
    "an entry of 'fromSource'",
    [FieldShape("path", .string, required: true)],
    hints: [
      "dir": Hint(
        "'fromSource' knows only 'path'; Kubernetes drops 'dir', and the rule then holds for no source or for every one",
        code: .badSource
      ),
      "recursive": Hint("'fromSource' knows only 'path'; 'recursive' belongs to an entry of 'matchDirectories'"),
    ]
  )

  package static let syscallSource = ObjectShape(
    "an entry of 'fromSource'",
    [FieldShape("path", .string), FieldShape("dir", .string), FieldShape("recursive", .boolean)]
  )

  private static let fromSource = FieldShape("fromSource", .list(source))
  private static let noSourceHere = Hint("a pattern rule cannot name sources; use 'matchPaths' or 'matchDirectories'")
  private static let processReadOnly = Hint("'readOnly' belongs to rules of 'file'; executing has no such distinction")
  private static let dirInPath = Hint("directories belong under 'matchDirectories'", code: .misplacedField)
  private static let pathInDir = Hint(
    "an entry of 'matchDirectories' names its directory with 'dir'",
    replacement: "dir"
  )
  private static let patternHints = [
    "fromSource": noSourceHere,
    "recursive": Hint("a pattern says itself how deep it goes: '**' matches any depth"),
    "path": Hint("an entry of 'matchPatterns' holds 'pattern'", replacement: "pattern"),
    "dir": Hint("an entry of 'matchPatterns' holds 'pattern'", replacement: "pattern"),
  ]

  // MARK: Rules

  package static let processPath = ObjectShape(
    "an entry of 'process.matchPaths'",
    [
      FieldShape("path", .string), FieldShape("execname", .string), FieldShape("ownerOnly", .boolean),
      FieldShape("pts", .boolean), FieldShape("allowedArgs", .strings), fromSource,
    ] + attributes,
    hints: ["readOnly": processReadOnly, "dir": dirInPath]
  )
  package static let processDirectory = ObjectShape(
    "an entry of 'process.matchDirectories'",
    [
      FieldShape("dir", .string, required: true), FieldShape("recursive", .boolean), FieldShape("ownerOnly", .boolean),
      FieldShape("pts", .boolean), fromSource,
    ] + attributes,
    hints: ["readOnly": processReadOnly, "path": pathInDir]
  )
  package static let processPattern = ObjectShape(
    "an entry of 'process.matchPatterns'",
    [FieldShape("pattern", .string, required: true), FieldShape("ownerOnly", .boolean)] + attributes,
    hints: patternHints.merging(["readOnly": processReadOnly]) { a, _ in a }
  )
  package static let filePath = ObjectShape(
    "an entry of 'file.matchPaths'",
    [
      FieldShape("path", .string, required: true), FieldShape("readOnly", .boolean), FieldShape("ownerOnly", .boolean),
      FieldShape("pts", .boolean), fromSource,
    ] + attributes,
    hints: ["dir": dirInPath, "execname": Hint("'execname' belongs to 'process.matchPaths'", code: .misplacedField)]
  )
  package static let fileDirectory = ObjectShape(
    "an entry of 'file.matchDirectories'",
    [
      FieldShape("dir", .string, required: true), FieldShape("recursive", .boolean), FieldShape("readOnly", .boolean),
      FieldShape("ownerOnly", .boolean), FieldShape("pts", .boolean), fromSource,
    ] + attributes,
    hints: ["path": pathInDir]
  )
  package static let filePattern = ObjectShape(
    "an entry of 'file.matchPatterns'",
    [
      FieldShape("pattern", .string, required: true), FieldShape("readOnly", .boolean),
      FieldShape("ownerOnly", .boolean),
    ] + attributes,
    hints: patternHints
  )
  package static let networkProtocol = ObjectShape(
    "an entry of 'network.matchProtocols'",
    [FieldShape("protocol", .string, required: true), FieldShape("pts", .boolean), fromSource] + attributes
  )
  package static let dnsQuery = ObjectShape(
    "an entry of 'network.matchDNSQueries'",
    [FieldShape("domain", .string, required: true), fromSource] + attributes
  )
  package static let capabilityRule = ObjectShape(
    "an entry of 'capabilities.matchCapabilities'",
    [FieldShape("capability", .string, required: true), fromSource] + attributes
  )
  package static let syscallRule = ObjectShape(
    "an entry of 'syscalls.matchSyscalls'",
    [FieldShape("syscall", .strings, required: true), FieldShape("fromSource", .list(syscallSource))],
    hints: syscallHints
  )
  package static let syscallPath = ObjectShape(
    "an entry of 'syscalls.matchPaths'",
    [
      FieldShape("path", .string, required: true), FieldShape("recursive", .boolean),
      FieldShape("syscall", .strings, required: true), FieldShape("fromSource", .list(syscallSource)),
    ],
    hints: syscallHints
  )
  private static let syscallHints = Dictionary(
    uniqueKeysWithValues: ["severity", "tags", "message", "action"].map {
      ($0, Hint("rules of 'syscalls' have no '\($0)' of their own; they are always audited", code: .misplacedField))
    }
  )
  package static let preset = ObjectShape(
    "an entry of 'presets'",
    [FieldShape("name", .string, required: true), FieldShape("action", .string, required: true)]
  )
  package static let deviceRule = ObjectShape(
    "an entry of 'device.matchDevice'",
    [
      FieldShape("class", .string, required: true), FieldShape("subClass", .integer), FieldShape("protocol", .integer),
      FieldShape("level", .integer),
    ] + attributes
  )

  // MARK: Sections

  package static let process = ObjectShape(
    "'process'",
    [
      FieldShape("matchPaths", .list(processPath)), FieldShape("matchDirectories", .list(processDirectory)),
      FieldShape("matchPatterns", .list(processPattern)),
    ] + attributes
  )
  package static let file = ObjectShape(
    "'file'",
    [
      FieldShape("matchPaths", .list(filePath)), FieldShape("matchDirectories", .list(fileDirectory)),
      FieldShape("matchPatterns", .list(filePattern)),
    ] + attributes
  )
  package static let network = ObjectShape(
    "'network'",
    [FieldShape("matchProtocols", .list(networkProtocol)), FieldShape("matchDNSQueries", .list(dnsQuery))] + attributes
  )
  package static let capabilities = ObjectShape(
    "'capabilities'",
    [FieldShape("matchCapabilities", .list(capabilityRule))] + attributes
  )
  package static let syscalls = ObjectShape(
    "'syscalls'",
    [FieldShape("matchSyscalls", .list(syscallRule)), FieldShape("matchPaths", .list(syscallPath))] + described,
    hints: ["action": Hint("rules of 'syscalls' are always audited", code: .misplacedField)]
  )
  package static let device = ObjectShape("'device'", [FieldShape("matchDevice", .list(deviceRule))] + attributes)

  // MARK: Selectors

  package static let expression = ObjectShape(
    "an entry of 'matchExpressions'",
    [
      FieldShape("key", .string, required: true), FieldShape("operator", .string, required: true),
      FieldShape("values", .strings, required: true),
    ]
  )
  package static let podSelector = ObjectShape(
    "'selector'",
    [FieldShape("matchLabels", .labels), FieldShape("matchExpressions", .list(expression))]
  )
  package static let clusterSelector = ObjectShape(
    "'selector'",
    [FieldShape("matchExpressions", .list(expression))],
    hints: [
      "matchLabels": Hint(
        "a KubeArmorClusterPolicy selects with 'matchExpressions' alone: key 'namespace' or 'label'",
        code: .wrongSelector
      )
    ]
  )
  package static let nodeSelector = ObjectShape("'nodeSelector'", [FieldShape("matchLabels", .labels)])

  // MARK: Specs and objects

  private static let common = [
    FieldShape("process", .object(process)), FieldShape("file", .object(file)), FieldShape("network", .object(network)),
    FieldShape("capabilities", .object(capabilities)), FieldShape("syscalls", .object(syscalls)),
    FieldShape("apparmor", .string),
  ]
  package static let podSpec = ObjectShape(
    "'spec'",
    [FieldShape("selector", .object(podSelector))] + common + [FieldShape("presets", .list(preset))] + attributes,
    hints: [
      "nodeSelector": Hint(
        "a KubeArmorPolicy selects pods with 'selector'; nodes are selected by a KubeArmorHostPolicy",
        code: .wrongSelector,
        replacement: "selector"
      ),
      "device": Hint("'device' belongs to a KubeArmorHostPolicy", code: .misplacedField),
    ]
  )
  package static let hostSpec = ObjectShape(
    "'spec'",
    [FieldShape("nodeSelector", .object(nodeSelector), required: true)] + common
      + [FieldShape("device", .object(device))] + attributes,
    hints: [
      "selector": Hint(
        "a KubeArmorHostPolicy selects nodes with 'nodeSelector'; pods are selected by a KubeArmorPolicy",
        code: .wrongSelector,
        replacement: "nodeSelector"
      ),
      "presets": Hint("'presets' belong to a KubeArmorPolicy", code: .misplacedField),
    ]
  )
  package static let clusterSpec = ObjectShape(
    "'spec'",
    [FieldShape("selector", .object(clusterSelector))] + common + [FieldShape("presets", .list(preset))] + attributes,
    hints: [
      "nodeSelector": Hint(
        "a KubeArmorClusterPolicy selects pods with 'selector'",
        code: .wrongSelector,
        replacement: "selector"
      )
    ]
  )
  package static let metadata = ObjectShape(
    "'metadata'",
    [FieldShape("name", .string, required: true), FieldShape("namespace", .string)]
      + [
        "labels", "annotations", "generateName", "uid", "resourceVersion", "creationTimestamp", "generation",
        "managedFields", "finalizers", "ownerReferences", "selfLink", "deletionTimestamp",
        "deletionGracePeriodSeconds",
      ].map { FieldShape($0, .anything) }
  )

  /// The shape of an object whose spec is `spec`.
  package static func object(_ spec: ObjectShape) -> ObjectShape {
    ObjectShape(
      "the object",
      [
        FieldShape("apiVersion", .string, required: true), FieldShape("kind", .string, required: true),
        FieldShape("metadata", .object(metadata), required: true), FieldShape("spec", .object(spec), required: true),
        FieldShape("status", .anything),
      ]
    )
  }

  package static let podPolicy = object(podSpec)
  package static let hostPolicy = object(hostSpec)
  package static let clusterPolicy = object(clusterSpec)
  package static let networkPolicy = object(networkSpec)
}
