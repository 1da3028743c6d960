// swift-tools-version: 6.2
import PackageDescription

// Needs nothing of armorc: the command is measured from outside, as users run it.
let package = Package(
  name: "Benchmarks",
  targets: [
    .systemLibrary(
      name: "CYaml",
      pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"])]
    ),
    .executableTarget(
      name: "Bench",
      dependencies: ["CYaml"],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
      ]
    ),
  ]
)
