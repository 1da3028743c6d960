import Diagnostics
import Foundation
@testable import Frontend
import IR
import Testing

/// The shapes against the CRDs of upstream: two descriptions of one schema.
@Suite struct SchemaAgainstCRDTests {
  private func crd(_ kind: String) throws -> Node? {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    for place in ["../shared/corpus", "../../shared/corpus"] {
      let url = root.appending(path: place).appending(path: "context/crd/\(kind).yaml").standardizedFileURL
      guard let data = try? Data(contentsOf: url) else { continue }
      var findings = Findings(file: FileID(index: 0), limit: 10)
      let source = SourceFile(name: kind, bytes: Array(data))
      let documents = YAMLReader(file: FileID(index: 0), limits: Limits()).read(source, &findings)
      #expect(findings.list.isEmpty)
      let versions = documents.first?.root?.mapping?["spec"]?.mapping?["versions"]?.sequence
      return versions?.first?.mapping?["schema"]?.mapping?["openAPIV3Schema"]?.mapping?["properties"]?.mapping?["spec"]
    }
    return nil
  }

  @Test(arguments: ["KubeArmorPolicy", "KubeArmorHostPolicy", "KubeArmorClusterPolicy", "KubeArmorNetworkPolicy"])
  func fieldsAndTypesAgree(_ kind: String) throws {
    guard let schema = try crd(kind) else { return }
    let shape =
      switch kind {
      case "KubeArmorPolicy": PolicySchema.podSpec
      case "KubeArmorHostPolicy": PolicySchema.hostSpec
      case "KubeArmorClusterPolicy": PolicySchema.clusterSpec
      default: PolicySchema.networkSpec
      }
    compare(schema, shape, kind + ".spec")
  }

  private func compare(_ schema: Node, _ shape: ObjectShape, _ path: String) {
    var theirs = Set(schema.mapping?["properties"]?.mapping?.entries.map(\.key.name) ?? [])
    var ours = Set(shape.fields.map(\.name))
    // One shape serves two CRDs here: 'pts' of protocols is in one of them only.
    if shape === PolicySchema.networkProtocol {
      (theirs, ours) = (theirs.subtracting(["pts"]), ours.subtracting(["pts"]))
    }
    #expect(ours == theirs, "\(path)")
    for field in shape.fields {
      guard let property = schema.mapping?["properties"]?.mapping?[field.name] else { continue }
      let inside = path + "." + field.name
      #expect(typeName(property) == expectedName(field.type), "\(inside)")
      switch field.type {
      case .object(let inner): compare(property, inner, inside)
      case .list(let inner):
        if let items = property.mapping?["items"] { compare(items, inner, inside + "[]") }
      default: break
      }
    }
    // What the CRD requires, the shape does too, but for the sources of host rules, which are a warning of their own.
    let required = schema.mapping?["required"]?.sequence?.compactMap { node -> String? in
      if case .scalar(let scalar) = node.content { scalar.value } else { nil }
    }
    for name in required ?? [] where name != "fromSource" {
      #expect(shape.fields.contains { $0.name == name && $0.isRequired }, "\(path).\(name)")
    }
  }

  private func typeName(_ node: Node) -> String {
    func text(_ node: Node?) -> String {
      if case .scalar(let scalar) = node?.content { scalar.value } else { "" }
    }
    let type = text(node.mapping?["type"])
    if type == "array" { return "array of " + text(node.mapping?["items"]?.mapping?["type"]) }
    return node.mapping?["additionalProperties"] == nil ? type : "labels"
  }

  private func expectedName(_ type: FieldType) -> String {
    switch type {
    case .string: "string"
    case .integer: "integer"
    case .boolean: "boolean"
    case .strings: "array of string"
    case .labels: "labels"
    case .anything: ""
    case .object: "object"
    case .list: "array of object"
    }
  }

  @Test func systemCallsAgree() throws {
    guard let schema = try crd("KubeArmorPolicy") else { return }
    let rules = schema.mapping?["properties"]?.mapping?["syscalls"]?.mapping?["properties"]?.mapping?["matchSyscalls"]
    let items = rules?.mapping?["items"]?.mapping?["properties"]?.mapping?["syscall"]?.mapping?["items"]
    let names = items?.mapping?["enum"]?.sequence?.compactMap { node -> String? in
      if case .scalar(let scalar) = node.content { scalar.value } else { nil }
    }
    #expect(Set(names ?? []) == SystemCalls.names)
    #expect(SystemCalls.all == SystemCalls.all.sorted())
  }

  @Test func codesAreUniqueAndNamed() {
    #expect(Set(FrontendCode.allCases.map(\.rawValue)).count == FrontendCode.allCases.count)
    #expect(Set(FrontendCode.allCases.map(\.title)).count == FrontendCode.allCases.count)
  }
}
