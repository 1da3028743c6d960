import Foundation
import Frontend
import IR
import Testing

/// Each kind of change, made by a commit to `examples/`.
@Suite(.enabled(if: Git.path != nil)) struct DiffTests {
  private func edited(_ kind: DiffKind) throws -> [String: String] {
    var files = Examples.files
    for edit in kind.edits {
      let name = "examples/" + edit.file
      guard !edit.old.isEmpty else {
        files[name] = edit.new
        continue
      }
      let text = try #require(files[name])
      try #require(text.ranges(of: edit.old).count == 1, "\(kind.name): \(edit.old)")
      let result = text.replacing(edit.old, with: edit.new)
      files[name] = result.isEmpty ? nil : result
    }
    return files
  }

  /// What the front end and the resolution make of some files: the other way to the same sides.
  private func side(_ files: [String: String], postures: [String], base: BaseList?) -> PolicySide {
    let loaded = Frontend.load(
      sources: files.sorted { $0.key < $1.key }.map { (name: $0.key, bytes: Array($0.value.utf8)) }
    )
    var given = PartialPostures()
    for one in postures where one.hasPrefix("file=") { given.file = Posture(rawValue: String(one.dropFirst(5))) }
    return PolicySide(
      policies: loaded.policies.map(\.policy),
      context: loaded.clusterContext(postures: given),
      base: base
    )
  }

  private func values(_ option: String, _ arguments: [String]) -> [String] {
    arguments.indices.filter { arguments[$0] == option }.map { arguments[$0 + 1] }
  }

  @Test(arguments: DiffKind.all)
  func everyKindOfChange(_ kind: DiffKind) async throws {
    let files = try edited(kind)
    let repository = try Git.repository(Examples.files)
    for name in Examples.files.keys where files[name] == nil { try repository.remove(name) }
    for (name, text) in files { try repository.write(name, text) }
    try Git.commit(kind.name, in: repository)
    let outcome = try await Command.run(
      ["diff", "HEAD~1..HEAD", "--format", "json", "--detailed-exit-code"] + kind.arguments,
      in: repository
    )
    #expect(outcome.status == kind.status, "\(outcome.all)")
    #expect(outcome.errors.isEmpty, "\(outcome.errors)")
    let diff = try DiffOutput(outcome.output)

    let changed = diff.subjects.filter { !$0.entries.isEmpty }
    #expect(Dictionary(changed.map { ($0.name, $0.classes) }) { first, _ in first } == kind.directions)

    let given = values("--posture", kind.arguments)
    let before = values("--old-posture", kind.arguments)
    let base = values("--base", kind.arguments).first.flatMap { BaseList.named($0) }
    let old = side(
      Examples.files,
      postures: before.isEmpty ? given : before,
      base: kind.arguments.contains("none") ? nil : base
    )
    let new = side(files, postures: given, base: base)
    let pairs = Dictionary(SubjectPair.all(old: old, new: new).map { ($0.name, $0) }) { first, _ in first }
    #expect(Set(pairs.keys) == Set(diff.subjects.map(\.name)))

    var witnesses = 0
    for subject in changed {
      let pair = try #require(pairs[subject.name])
      for entry in subject.entries {
        #expect(!entry.witnesses.isEmpty)
        for witness in entry.witnesses {
          #expect(witness.old != witness.new && witness.old == entry.old && witness.new == entry.new)
          #expect(Evaluator(pair.old).decide(witness.event).verdict.name == witness.old, "\(witness.text)")
          #expect(Evaluator(pair.new).decide(witness.event).verdict.name == witness.new, "\(witness.text)")
          #expect(witness.event.description == witness.text)
          witnesses += 1
        }
      }
    }
    #expect((witnesses > 0) == (!kind.directions.isEmpty))

    for flip in kind.events {
      let pair = try #require(pairs[flip.subject])
      let event = try #require(HandwrittenEvent.read(flip.event))
      #expect(Evaluator(pair.old).decide(event).verdict.name == flip.old, "\(flip.event)")
      #expect(Evaluator(pair.new).decide(event).verdict.name == flip.new, "\(flip.event)")
      let entries = diff.subjects.first { $0.name == flip.subject }?.entries ?? []
      let resourceClass = event.access.resourceClass.rawValue
      #expect(
        entries.contains { $0.resourceClass == resourceClass && $0.old == flip.old && $0.new == flip.new },
        "\(flip.event)"
      )
    }
  }

  @Test func thereAreEnoughKinds() {
    #expect(DiffKind.all.count >= 40)
    #expect(Set(DiffKind.all.map(\.name)).count == DiffKind.all.count)
  }
}

/// `read /path from /source`, `other write /path`, `network 2 3 0`, `capability chown`, `syscall unlink`: written without
/// help of the code under test. The actor is the owner but for `other`.
enum HandwrittenEvent {
  static func read(_ text: String) -> Event? {
    var words = text.split(separator: " ").map(String.init)
    var source: BytePath?
    if let from = words.firstIndex(of: "from"), from + 1 < words.count {
      source = BytePath(words[from + 1])
      words.removeSubrange(from...)
    }
    let isOwner = words.first != "other"
    if !isOwner { words.removeFirst() }
    guard words.count >= 2 else { return nil }
    let access: Access?
    switch words[0] {
    case "exec": access = BytePath(words[1]).map { .path(.exec, $0) }
    case "read": access = BytePath(words[1]).map { .path(.read, $0) }
    case "write": access = BytePath(words[1]).map { .path(.write, $0) }
    case "capability": access = Capability(name: words[1]).map { .capability($0) }
    case "syscall": access = .syscall(words[1], nil)
    default:
      let numbers = words.dropFirst().compactMap { UInt16($0) }
      guard numbers.count == 3 else { return nil }
      access = .network(Socket(family: numbers[0], type: UInt8(numbers[1]), protocolNumber: numbers[2]))
    }
    return access.map { Event(source: source, access: $0, isOwner: isOwner) }
  }
}

/// What `diff --format json` says, as far as the tests look.
struct DiffOutput {
  struct Witness {
    let event: Event
    let text: String
    let old: String
    let new: String
  }
  struct Entry {
    let resourceClass: String
    let old: String
    let new: String
    let witnesses: [Witness]
  }
  struct Subject {
    let name: String
    let presence: String
    let classes: [String: String]
    let entries: [Entry]
  }
  let object: [String: Any]
  let subjects: [Subject]

  init(_ text: String) throws {
    object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let list = try #require(object["subjects"] as? [[String: Any]])
    subjects = try list.map { subject in
      let entries = try #require(subject["entries"] as? [[String: Any]])
      return Subject(
        name: try #require(subject["name"] as? String),
        presence: try #require(subject["presence"] as? String),
        classes: try #require(subject["classes"] as? [String: String]),
        entries: try entries.map(DiffOutput.entry)
      )
    }
  }

  private static func entry(_ entry: [String: Any]) throws -> Entry {
    let regions = try #require(entry["regions"] as? [[String: Any]])
    #expect(!regions.isEmpty)
    return Entry(
      resourceClass: try #require(entry["class"] as? String),
      old: try #require(entry["old"] as? String),
      new: try #require(entry["new"] as? String),
      witnesses: try regions.flatMap { region in
        try (try #require(region["witnesses"] as? [[String: Any]])).map(witness)
      }
    )
  }

  private static func witness(_ witness: [String: Any]) throws -> Witness {
    let event = try #require(witness["event"] as? [String: Any])
    let old = try #require(witness["old"] as? [String: Any])
    let new = try #require(witness["new"] as? [String: Any])
    return Witness(
      event: try self.event(event),
      text: try #require(witness["text"] as? String),
      old: try #require(old["verdict"] as? String),
      new: try #require(new["verdict"] as? String)
    )
  }

  private static func event(_ object: [String: Any]) throws -> Event {
    let access: Access
    let path = (object["path"] as? String).flatMap(self.path)
    switch object["operation"] as? String {
    case "exec": access = .path(.exec, try #require(path))
    case "read": access = .path(.read, try #require(path))
    case "write": access = .path(.write, try #require(path))
    case "capability":
      access = .capability(try #require((object["capability"] as? String).flatMap { Capability(name: $0) }))
    case "syscall": access = .syscall(try #require(object["syscall"] as? String), path)
    default:
      let socket = try #require(object["socket"] as? [String: Int])
      access = .network(
        Socket(
          family: UInt16(try #require(socket["family"])),
          type: UInt8(try #require(socket["type"])),
          protocolNumber: UInt16(try #require(socket["protocol"]))
        )
      )
    }
    return Event(
      source: (object["source"] as? String).flatMap(self.path),
      access: access,
      isOwner: try #require(object["isOwner"] as? Bool)
    )
  }

  /// Undoes `\ooo`.
  private static func path(_ text: String) -> BytePath? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3 {
        let digits = String(decoding: rest.prefix(3), as: UTF8.self)
        bytes.append(UInt8(digits, radix: 8) ?? 0)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return BytePath(bytes)
  }
}
