import Alerts
import Bundle
import Runtime

/// Reads AppArmor's messages in a log.
struct AuditLogRun {
  private let name: String
  private let follows: Bool
  /// Nanoseconds since 1970 before which nothing is shown.
  private let earliest: Int
  private let places: [String: AlertPlace]
  private var stream: AlertStream
  private let hostName = Node.hostName
  private var lines = LogLines()

  init(_ command: EventsCommand, log: String) throws {
    name = log
    follows = command.follow
    earliest = command.sinceBoot ? Node.bootTime : 0
    stream = command.stream
    places = try AuditLogRun.places(command)
  }

  /// The subjects of a bundle, by name. Without one, names are all that is known.
  private static func places(_ command: EventsCommand) throws -> [String: AlertPlace] {
    var found: Manifest?
    if let bundle = command.bundle {
      let path = bundle + "/" + Manifest.fileName
      let bytes = try FileAccess.read(path, limit: Manifest.maximumSize)
      do throws(ManifestError) {
        found = try Manifest(json: bytes)
      } catch {
        throw Failure("'\(path)': \(error.message)")
      }
    } else {
      let files = GenerationFiles(command.node.paths)
      if let newest = files.numbers.max() { found = try? files.manifest(of: newest) }
    }
    return Dictionary(
      (found?.subjects ?? []).map { ($0.name, AlertPlace($0)) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  mutating func run() throws {
    let interruption = try Interruption()
    let output = EventOutput()
    var isReplaced = true
    while isReplaced {
      let identity = FileAccess.identity(of: name)
      isReplaced = try read(try EventStream(name), identity, interruption, output)
      if let last = lines.finish() { add(last) }
      try output.write(stream.takeOutput(), unless: interruption)
    }
    if let defect = stream.firstDefect {
      Terminal.note("\(stream.malformed) lines of AppArmor were not understood, the first: \(defect)")
    }
  }

  /// Whether another file stands in its place now.
  private mutating func read(
    _ log: borrowing EventStream,
    _ identity: FileAccess.Identity?,
    _ interruption: borrowing Interruption,
    _ output: borrowing EventOutput
  ) throws -> Bool {
    var offset = 0
    while !stream.isDone {
      let wait = interruption.wait(for: log.descriptor, milliseconds: follows ? 250 : -1)
      if wait == .interrupted { return false }
      if wait == .timeout { continue }
      let piece = try log.read(upTo: 1 << 18)
      offset += piece.count
      for line in lines.append(piece) { add(line) }
      if piece.isEmpty {
        guard follows, name != "-" else { return false }
        if interruption.wait(for: -1, milliseconds: 250) == .interrupted { return false }
        guard let now = FileAccess.identity(of: name) else { continue }
        // It was rotated, or emptied in place.
        if now != identity || (FileAccess.size(of: name) ?? offset) < offset { return true }
      }
      try output.write(stream.takeOutput(), unless: interruption)
    }
    return false
  }

  private mutating func add(_ line: ArraySlice<UInt8>) {
    switch AppArmorDenial.read(line) {
    case .other: return
    case .unparsed: stream.addDefect(String(decoding: line.prefix(200), as: UTF8.self))
    case .denial(let denial):
      guard denial.time >= earliest else { return }
      let subject = ProfileName.subject(of: denial.profile) ?? ""
      stream.add(Alert(denial, places[subject] ?? AlertPlace(subject: subject), hostName: hostName))
    }
  }
}
