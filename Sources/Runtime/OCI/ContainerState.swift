internal import FoundationEssentials

/// What a container runtime tells a hook on standard input (OCI runtime specification, "State").
package struct ContainerState: Hashable, Sendable {
  package let id: String
  /// In the pid namespace of the runtime.
  package let pid: UInt32
  /// Absolute path of the directory that holds `config.json`.
  package let bundle: String
  package let annotations: [String: String]

  /// Most bytes of a state that are read.
  package static let maximumSize = 1 << 20

  /// - Throws: `NodeError` unless this is the state of a container that is about to execute its program.
  package init(json: [UInt8]) throws(NodeError) {
    struct Text: Decodable {
      let ociVersion: String
      let id: String
      let status: String
      let pid: Int?
      let bundle: String
      let annotations: [String: String]?
    }
    guard json.count <= ContainerState.maximumSize else {
      throw NodeError("the container's state has more than \(ContainerState.maximumSize) bytes")
    }
    let text: Text = try OCIText.decode(json, "the container's state on standard input")
    guard text.ociVersion.hasPrefix("1.") else {
      throw NodeError("the container's state has version '\(text.ociVersion)'; armorc knows 1.x")
    }
    guard !text.id.isEmpty, text.id.utf8.count <= 1024 else {
      throw NodeError("the container's state has an id of \(text.id.utf8.count) bytes, expected 1 to 1024")
    }
    guard text.status == "creating" || text.status == "created" else {
      throw NodeError(
        "container '\(text.id)' is \(text.status.isEmpty ? "in no known state" : "'\(text.status)'"), expected 'creating' "
          + "or 'created': install the hook as createRuntime, before the container's program is executed"
      )
    }
    guard let pid = text.pid, (2...Int(Int32.max)).contains(pid) else {
      throw NodeError(
        "the state of container '\(text.id)' has no number of its process: install the hook as createRuntime"
      )
    }
    guard text.bundle.hasPrefix("/"), !text.bundle.utf8.contains(0), text.bundle.utf8.count < 4096 else {
      throw NodeError("the state of container '\(text.id)' names no absolute path of its bundle")
    }
    id = text.id
    self.pid = UInt32(pid)
    bundle = text.bundle
    annotations = text.annotations ?? [:]
  }
}

/// What a hook looks at in a container's `config.json`.
package struct ContainerConfiguration: Hashable, Sendable {
  package let annotations: [String: String]
  /// `process.apparmorProfile`.
  package let profile: String?

  /// Most bytes of a configuration that are read.
  package static let maximumSize = 16 << 20

  package init(json: [UInt8], name: String) throws(NodeError) {
    struct Process: Decodable { let apparmorProfile: String? }
    struct Text: Decodable {
      let annotations: [String: String]?
      let process: Process?
    }
    let text: Text = try OCIText.decode(json, "'\(name)'")
    annotations = text.annotations ?? [:]
    profile = text.process?.apparmorProfile.flatMap { $0.isEmpty ? nil : $0 }
  }

  package static func read(_ state: ContainerState) throws(NodeError) -> ContainerConfiguration {
    let path = state.bundle + "/config.json"
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileAccess.read(path, limit: maximumSize)
    } catch {
      throw NodeError(error)
    }
    return try ContainerConfiguration(json: bytes, name: path)
  }
}

private enum OCIText {
  static func decode<Value: Decodable>(_ json: [UInt8], _ what: String) throws(NodeError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(json))
    } catch let error as DecodingError {
      throw NodeError("\(what) is not what the OCI runtime specification says: \(words(error))")
    } catch {
      throw NodeError("\(what) is no JSON")
    }
  }

  private static func words(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey], _ last: String? = nil) -> String {
      let names = path.map { $0.intValue.map(String.init) ?? $0.stringValue } + [last].compactMap(\.self)
      return names.isEmpty ? "the text" : "'\(names.joined(separator: "."))'"
    }
    switch error {
    case .keyNotFound(let key, let context): return "there is no \(place(context.codingPath, key.stringValue))"
    case .typeMismatch(let type, let context): return "\(place(context.codingPath)) is no \(type)"
    case .valueNotFound(let type, let context): return "\(place(context.codingPath)) is null, expected \(type)"
    case .dataCorrupted(let context): return "\(place(context.codingPath)) is no JSON"
    @unknown default: return "it cannot be read"
    }
  }
}
