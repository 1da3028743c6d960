// swift-tools-version: 6.2
import PackageDescription

// One section per target with its tests; sections and dependencies alphabetical, one dependency per line; shared
// settings appended in a loop at the end. Every target has a paragraph in docs/architecture.md. Dependencies run one
// way: Automata and Diagnostics know nothing, IR knows Automata, and nothing to the right is known on the left.

let fuzzing = Context.environment["ARMORC_FUZZ"] != nil

let package = Package(
  name: "armorc",
  products: [
    .executable(name: "armorc", targets: ["armorc"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    // MARK: Alerts
    .target(
      name: "Alerts",
      dependencies: [
        "Bundle",
        "CAppArmor",
        "CArmor",
        "Diagnostics",
        "IR",
      ]
    ),
    .testTarget(
      name: "AlertsTests",
      dependencies: [
        "Alerts",
        "Analysis",
        "Bundle",
        "CArmor",
        "CBpf",
        "IR",
        "Runtime",
        "_PolicyTestSupport",
      ]
    ),

    // MARK: Analysis
    .target(
      name: "Analysis",
      dependencies: [
        "Automata",
        "Diagnostics",
        "IR",
      ]
    ),
    .testTarget(
      name: "AnalysisTests",
      dependencies: [
        "Analysis",
        "Automata",
        "Backends",
        "Diagnostics",
        "Frontend",
        "IR",
        "_PolicyTestSupport",
      ]
    ),

    // MARK: armorc
    .executableTarget(
      name: "armorc",
      dependencies: [
        "Alerts",
        "Analysis",
        "Backends",
        "Bundle",
        "Diagnostics",
        "Frontend",
        "IR",
        "Runtime",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),

    // MARK: Automata
    .target(name: "Automata"),
    .testTarget(
      name: "AutomataTests",
      dependencies: [
        "Automata",
        "_PolicyTestSupport",
      ]
    ),

    // MARK: Backends
    .target(
      name: "Backends",
      dependencies: [
        "Automata",
        "Bundle",
        "CArmor",
        "IR",
      ]
    ),
    .testTarget(
      name: "BackendsTests",
      dependencies: [
        "Automata",
        "Backends",
        "Bundle",
        "Frontend",
        "IR",
        "Runtime",
        "_ImageTestSupport",
        "_PolicyTestSupport",
      ]
    ),
    .target(
      name: "_ImageTestSupport",
      dependencies: [
        "Bundle",
        "IR",
        "_PolicyTestSupport",
      ],
      path: "Tests/_ImageTestSupport"
    ),

    // MARK: Bundle
    .target(
      name: "Bundle",
      dependencies: [
        "Automata",
        "CArmor",
        "IR",
        .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    .testTarget(
      name: "BundleTests",
      dependencies: [
        "Automata",
        "Backends",
        "Bundle",
        "CArmor",
        "Frontend",
        "IR",
        "_PolicyTestSupport",
      ]
    ),

    // MARK: CAppArmor
    .systemLibrary(
      name: "CAppArmor",
      pkgConfig: "libapparmor",
      providers: [.apt(["libapparmor-dev"])]
    ),

    // MARK: CArmor
    .target(
      name: "CArmor",
      path: "bpf",
      sources: ["armor.c"],
      publicHeadersPath: "."
    ),

    // MARK: CBpf
    .systemLibrary(
      name: "CBpf",
      pkgConfig: "libbpf",
      providers: [.apt(["libbpf-dev"])]
    ),

    // MARK: CLinux
    .target(name: "CLinux"),

    // MARK: CommandTests
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Bundle",
        "Frontend",
        "IR",
        "Runtime",
        "armorc",
      ]
    ),

    // MARK: CYaml
    .systemLibrary(
      name: "CYaml",
      pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"])]
    ),

    // MARK: Diagnostics
    .target(name: "Diagnostics"),

    // MARK: Frontend
    .target(
      name: "Frontend",
      dependencies: [
        "Automata",
        "CYaml",
        "Diagnostics",
        "IR",
      ]
    ),
    .testTarget(
      name: "FrontendTests",
      dependencies: [
        "Diagnostics",
        "Frontend",
        "IR",
      ]
    ),

    // MARK: IR
    .target(
      name: "IR",
      dependencies: ["Automata"]
    ),
    .testTarget(
      name: "IRTests",
      dependencies: [
        "Backends",
        "Bundle",
        "Diagnostics",
        "Frontend",
        "IR",
        "Runtime",
        "_ImageTestSupport",
        "_PolicyTestSupport",
      ]
    ),
    .target(
      name: "_PolicyTestSupport",
      dependencies: [
        "Automata",
        "IR",
      ],
      path: "Tests/_PolicyTestSupport"
    ),

    // MARK: Matcher
    .target(
      name: "Matcher",
      plugins: ["CompileMatcher"]
    ),
    .testTarget(
      name: "MatcherTests",
      dependencies: ["Matcher"]
    ),
    .plugin(
      name: "CompileMatcher",
      capability: .buildTool()
    ),

    // MARK: Runtime
    .target(
      name: "Runtime",
      dependencies: [
        "Alerts",
        "Bundle",
        "CArmor",
        "CBpf",
        "CLinux",
        "Matcher",
      ]
    ),
    .testTarget(
      name: "RuntimeTests",
      dependencies: [
        "Backends",
        "Bundle",
        "CArmor",
        "IR",
        "Runtime",
        "_ImageTestSupport",
        "armorc",
      ]
    ),

    // MARK: VMScenarios
    .executableTarget(
      name: "VMScenarios",
      dependencies: [
        "Alerts",
        "Automata",
        "Backends",
        "Bundle",
        "Diagnostics",
        "Frontend",
        "IR",
        "Runtime",
      ],
      path: "Tests/VM/Scenarios"
    ),
  ]
)

// libFuzzer targets: only with ARMORC_FUZZ set, since a plain build would link them as programs that do nothing.
if fuzzing {
  let fuzzers: [(name: String, dependencies: [Target.Dependency])] = [
    ("FuzzDecisionTable", ["IR", "_PolicyTestSupport"]),
    ("FuzzEvent", ["Alerts", "Analysis", "Bundle", "IR"]),
    ("FuzzGlob", ["_PolicyTestSupport"]),
    ("FuzzImage", ["Bundle", "_ImageTestSupport"]),
    ("FuzzRecord", ["Analysis", "IR"]),
    ("FuzzTestFile", ["Diagnostics", "Frontend", "IR"]),
    ("FuzzYAML", ["Diagnostics", "Frontend"]),
  ]
  for fuzzer in fuzzers {
    package.targets.append(
      .executableTarget(
        name: fuzzer.name,
        dependencies: fuzzer.dependencies,
        path: "Tests/Fuzz/\(fuzzer.name)"
      )
    )
    package.products.append(.executable(name: fuzzer.name, targets: [fuzzer.name]))
  }
}

// Measures what no command shows alone (make bench): only with ARMORC_BENCH set.
if Context.environment["ARMORC_BENCH"] != nil {
  let benches: [(name: String, dependencies: [Target.Dependency])] = [
    ("DiffBench", ["Analysis", "Automata", "IR"]),
    ("EventBench", ["Alerts", "Bundle", "IR"]),
    ("ImageBench", ["Backends", "Bundle", "IR", "_ImageTestSupport", "_PolicyTestSupport"]),
    ("SimulateBench", ["Analysis", "IR"]),
  ]
  for bench in benches {
    package.targets.append(
      .executableTarget(
        name: bench.name,
        dependencies: bench.dependencies,
        path: "Benchmarks/Sources/\(bench.name)"
      )
    )
    package.products.append(.executable(name: bench.name, targets: [bench.name]))
  }
}

for target in package.targets where target.type != .system && target.type != .plugin {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .swiftLanguageMode(.v6),
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InferIsolatedConformances"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
      .strictMemorySafety(),
      .treatAllWarnings(as: .error),
    ]
}
