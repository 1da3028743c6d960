import Diagnostics
import Frontend
import IR
import Runtime

/// One side of a comparison, loaded.
struct DiffSide: Sendable {
  /// As the user named it.
  let name: String
  var policies: PolicySide
  /// Set if the side is a bundle.
  let bundle: BundleSide.Loaded?
  fileprivate let lines: SourceLines

  /// The line of YAML at a location; nil where there is none.
  func line(_ location: Location) -> String? { lines.line(location) }
}

/// The files of one side, for quoting their lines.
private struct SourceLines: Sendable {
  private let map: SourceMap
  private let index: [String: Int]

  init(_ map: SourceMap, _ files: [Int]) {
    self.map = map
    index = Dictionary(files.map { (map.files[$0].name, $0) }) { first, _ in first }
  }

  func line(_ location: Location) -> String? {
    guard let number = index[location.file] else { return nil }
    let file = map.files[number]
    return location.line <= file.lineCount ? String(decoding: file.line(location.line), as: UTF8.self) : nil
  }
}

/// Both sides of a comparison. A file that both have, name and bytes alike, is parsed once.
struct DiffSides: Sendable {
  let old: DiffSide
  let new: DiffSide
  /// What neither side has any more, for errors (`--keep-going`).
  let leftOut: ParsedSides.LeftOut
  /// What was passed over, for people.
  let notes: [String]
  /// Path of the current directory in its repository, if a side is in one.
  let prefix: String

  struct Options: Sendable {
    /// Of the old side, of the new side.
    var postures: [PartialPostures]
    var bases: [BaseList?]
    var keepGoing: Bool
    var jobs: Int
  }

  init(_ arguments: SideArguments, _ options: Options) throws {
    var contents = try SideContents.both(arguments, jobs: options.jobs)
    let parsed = ParsedSides(contents.map(\.files), jobs: options.jobs)
    // The bytes live on in the parsed files.
    for index in contents.indices { contents[index].files = [] }
    let names = [arguments.oldName, arguments.newName]
    if !options.keepGoing, let report = parsed.report(names: names) { throw report }

    leftOut = parsed.leftOut
    let excluded = Set(leftOut.policies)
    let sides = (0..<2).map { number in
      var side: PolicySide
      if let bundle = contents[number].bundle {
        side = bundle.side
        side.policies.removeAll { excluded.contains($0.id) }
      } else {
        let loaded = parsed.loaded[number]
        side = PolicySide(
          policies: BuildRun.sound(loaded.policies).map(\.policy).filter { !excluded.contains($0.id) },
          context: loaded.clusterContext(postures: options.postures[number]),
          base: options.bases[number]
        )
      }
      return DiffSide(
        name: names[number],
        policies: side,
        bundle: contents[number].bundle,
        lines: SourceLines(parsed.map, parsed.members[number])
      )
    }
    (old, new) = (sides[0], sides[1])
    notes = contents.flatMap(\.notes)
    prefix = arguments.repository?.prefix ?? ""
  }

  /// What a file is called from the top of the repository.
  func repositoryName(_ location: Location) -> String {
    guard !prefix.isEmpty, !location.file.hasPrefix("/"), location.file != "-" else { return location.file }
    return SideName.components(location.file, in: prefix)?.joined(separator: "/") ?? location.file
  }
}

/// What the two sides hold, unparsed.
private struct SideContents {
  /// In order of name.
  var files: [(name: String, bytes: [UInt8])] = []
  var bundle: BundleSide.Loaded?
  var notes: [String] = []

  static func both(_ arguments: SideArguments, jobs: Int) throws -> [SideContents] {
    var known: [String: [UInt8]] = [:]
    var result: [SideContents] = []
    var submodules: [String] = []
    for source in [arguments.old, arguments.new] {
      var contents = SideContents()
      switch source {
      case .standardInput: contents.files = try InputFiles(["-"]).read(jobs: jobs)
      case .path(let path):
        contents.files = try InputFiles([path]).read(jobs: jobs)
          .map { (name: SideName.plain($0.name), bytes: $0.bytes) }
          .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      case .bundle(let directory): contents.bundle = try BundleSide.load(directory, jobs: jobs)
      case .git(let path):
        guard let repository = arguments.repository else { throw Failure("cannot read '\(path.text)': no repository") }
        let side = try GitSide(path, in: repository)
        if let tree = side.bundle {
          contents.bundle = try side.readBundle(tree, jobs: jobs)
        } else {
          contents.files = try side.read(known: &known)
          contents.notes = side.notes.map { "\($0) ('\(path.text)')" }
          submodules += side.submodules
        }
      }
      result.append(contents)
    }
    if !submodules.isEmpty {
      for index in result.indices {
        result[index].files.removeAll { file in submodules.contains { file.name.hasPrefix($0 + "/") } }
      }
    }
    return result
  }
}
