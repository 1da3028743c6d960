import Bundle
import Foundation
import Testing

@testable import Runtime

/// All profiles of a bundle, or none.
@Suite(.enabled(if: AppArmorParser.locate(features: "") != nil))
struct BundleProfilesTests {
  private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("armorc-profiles-\(UUID())")

  private func bundle(_ texts: [String: String]) throws -> String {
    var subjects: [Manifest.Subject] = []
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      let file = name + "/apparmor.profile"
      let url = directory.appendingPathComponent(file)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
      subjects.append(
        Manifest.Subject(
          name: name,
          kind: "selection",
          description: name,
          postures: Manifest.Postures(file: nil, network: nil, capabilities: nil),
          meaning: sha256([]),
          policies: [],
          rules: [],
          notCompiled: [],
          artifacts: [
            Manifest.Artifact(
              target: "apparmor",
              file: file,
              bytes: text.utf8.count,
              sha256: sha256(Array(text.utf8)),
              enter: "armorc." + name,
              layout: "one profile"
            )
          ]
        )
      )
    }
    let options = Manifest.Options(
      targets: ["apparmor"],
      posture: Manifest.Postures(file: nil, network: nil, capabilities: nil),
      base: nil,
      floor: "none"
    )
    let manifest = Manifest(compiler: "test", options: options, sources: [], subjects: subjects)
    try Data(manifest.json()).write(to: directory.appendingPathComponent(Manifest.fileName))
    return directory.path
  }

  private func read(_ texts: [String: String]) throws -> BundleProfiles {
    defer { try? FileManager.default.removeItem(at: directory) }
    let parser = try #require(AppArmorParser.locate(features: "file {\nmask {create read write exec\n}\n}\n"))
    return try BundleProfiles(directory: try bundle(texts), parser: parser)
  }

  @Test func allOfThem() throws {
    let bundle = try read([
      "a": "profile armorc.a { /x r, }\nprofile armorc.a.S01 { /y r, profile kid { /z r, } }\n",
      "b": "profile armorc.b { /x r, }\n",
    ])
    #expect(bundle.subjects.map(\.name) == ["a", "b"])
    #expect(bundle.subjects.map { Set($0.profiles) } == [["armorc.a", "armorc.a.S01"], ["armorc.b"]])
    #expect(bundle.subjects.allSatisfy { !$0.binary.isEmpty })
    #expect(bundle.blob == bundle.subjects.flatMap(\.binary))
  }

  @Test(arguments: [
    (
      ["a": "profile armorc.a { /x r, }", "b": "profile armorc.b { nonsense }"],
      "'b/apparmor.profile':1: apparmor_parser"
    ),
    (["a": "profile armorc.other { /x r, }"], "holds no profile 'armorc.a'"),
    (["a": "profile armorc.a { /x r, }\nprofile docker-default { /x r, }"], "holds profile 'docker-default'"),
    (
      ["a": "profile armorc.a { /x r, }\nprofile armorc.b { /x r, }", "b": "profile armorc.b { /x r, }"],
      "profile 'armorc.b' stands in 'a' and in 'b'"
    ),
  ])
  func noneOfThem(_ texts: [String: String], _ says: String) throws {
    let error = try #require(throws: NodeError.self) { try read(texts) }
    let message = error.message.replacing(directory.path + "/", with: "")
    #expect(message.contains(says), "\(message)")
    #expect(message.hasSuffix("nothing was changed"))
  }

  @Test func oneThatWasChanged() throws {
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = try bundle(["a": "profile armorc.a { /x r, }"])
    try Data("profile armorc.a { /y r, }".utf8).write(to: directory.appendingPathComponent("a/apparmor.profile"))
    let parser = try #require(AppArmorParser.locate(features: ""))
    let error = try #require(throws: NodeError.self) { try BundleProfiles(directory: path, parser: parser) }
    #expect(error.message.contains("SHA-256"))
  }
}
