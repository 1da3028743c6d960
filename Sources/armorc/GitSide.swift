import Runtime

/// The policy files of one side that lies in a git repository.
struct GitSide: Sendable {
  /// Names as in the work tree, and the ids of their contents, in order of name.
  private(set) var files: [(name: String, id: String)] = []
  /// Names of directories that belong to other repositories: neither side may look into them.
  private(set) var submodules: [String] = []
  /// What was passed over, for people.
  private(set) var notes: [String] = []
  /// The tree of a bundle, if it is one.
  private(set) var bundle: String?

  private let path: GitPath
  private let repository: GitRepository

  /// Longest link that is followed, in bytes: what the kernel takes.
  private static let longestLink = 4095
  /// Most links of a side that are looked at.
  private static let mostLinks = 10_000

  /// Lists the side; nothing but links is read.
  init(_ path: GitPath, in repository: GitRepository) throws {
    self.path = path
    self.repository = repository
    do throws(GitError) {
      guard let tree = path.tree else {
        try take(try repository.indexEntries { GitSide.isWanted($0, below: path.path) })
        return
      }
      guard let entry = try repository.entry(path.path, in: tree) else {
        throw .failed("'\(path.path)'", reason: "there is no such file or directory in that revision")
      }
      switch entry.kind {
      case .file, .unmerged: files = [(path.name, entry.id)]
      case .directory:
        let found = try repository.entries(below: entry.id) {
          GitSide.isWanted($0, below: "") || $0.path == GitSide.manifest
        }
        if let manifest = found.first(where: { $0.path == GitSide.manifest && $0.kind == .file }),
          BundleSide.isManifest(
            Array(try repository.contents(of: [manifest.id], limit: InputFiles.maximumSize).joined())
          )
        {
          bundle = entry.id
          return
        }
        try take(found.filter { $0.path != GitSide.manifest })
      case .link: throw .failed("'\(path.path)'", reason: "it is a symbolic link there; name what it leads to")
      case .submodule: throw .failed("'\(path.path)'", reason: "it is a submodule; compare in its own repository")
      }
    } catch {
      throw Failure("cannot read '\(path.text)': \(error.words)")
    }
  }

  private static let manifest = "manifest.json"

  /// What a directory's listing holds for `InputFiles` too, and links and submodules, about which something must be said.
  private static func isWanted(_ entry: GitEntry, below directory: String) -> Bool {
    guard let path = inside(entry.path, directory) else { return false }
    if path.hasPrefix(".") || path.contains("/.") { return false }
    switch entry.kind {
    case .file, .unmerged: return path.isEmpty || InputFiles.isPolicyName(path)
    case .link, .submodule: return true
    case .directory: return false
    }
  }

  /// The path below a directory; empty if it is that path itself, nil if it is elsewhere.
  private static func inside(_ path: String, _ directory: String) -> String? {
    if directory.isEmpty { return path }
    if path == directory { return "" }
    return path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.utf8.count + 1)) : nil
  }

  private mutating func take(_ entries: [GitEntry]) throws(GitError) {
    let base = path.tree == nil ? path.path : ""
    var links: [(path: String, id: String)] = []
    for entry in entries {
      // INVARIANT: `isWanted` let only paths inside `base` through.
      let inner = GitSide.inside(entry.path, base) ?? entry.path
      guard inner.utf8.count(where: { $0 == UInt8(ascii: "/") }) <= InputFiles.maximumDepth else {
        throw .failed("'\(inner)'", reason: "it lies more than \(InputFiles.maximumDepth) directories deep")
      }
      switch entry.kind {
      case .file: files.append((SideName.joined(path.name, inner), entry.id))
      case .link: links.append((inner, entry.id))
      case .submodule:
        submodules.append(SideName.joined(path.name, inner))
        notes.append("'\(SideName.joined(path.name, inner))' is a submodule: what it holds is not compared")
      case .unmerged: throw .failed("'\(inner)'", reason: "the index holds a merge that is not resolved")
      case .directory: continue
      }
    }
    guard files.count <= InputFiles.maximumCount else {
      throw .failed("\(files.count) files", reason: "more than \(InputFiles.maximumCount)")
    }
    try follow(links)
    if files.isEmpty, path.tree == nil, entries.isEmpty, !path.path.isEmpty {
      throw .failed("'\(path.path)'", reason: "there is no such file or directory in the index")
    }
    files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Links in a directory: to a policy beside it, it is that policy under another name; to a directory beside it, nothing
  /// is missed; whatever else it leads to cannot be seen from here.
  private mutating func follow(_ links: [(path: String, id: String)]) throws(GitError) {
    guard !links.isEmpty else { return }
    guard links.count <= GitSide.mostLinks else {
      throw .failed("\(links.count) symbolic links", reason: "more than \(GitSide.mostLinks)")
    }
    let targets = try repository.contents(of: links.map(\.id), limit: GitSide.longestLink)
    let ids = Dictionary(files.map { ($0.name, $0.id) }) { first, _ in first }
    var directories: Set<String> = [path.name]
    for file in files {
      var name = Substring(file.name)
      while let slash = name.lastIndex(of: "/") {
        name = name[..<slash]
        guard directories.insert(String(name)).inserted else { break }
      }
    }
    for (link, target) in zip(links, targets) {
      let name = SideName.joined(path.name, link.path)
      let text = String(decoding: target, as: UTF8.self)
      let parent = link.path.split(separator: "/").dropLast().joined(separator: "/")
      let inner = text.hasPrefix("/") ? nil : SideName.components(text, in: parent)
      let found = inner.map { SideName.joined(path.name, $0.joined(separator: "/")) }
      if let found, let id = ids[found] {
        if InputFiles.isPolicyName(link.path) { files.append((name, id)) }
      } else if let found, directories.contains(found) {
        continue
      } else if InputFiles.isPolicyName(link.path) {
        throw .failed(
          "'\(name)'",
          reason:
            "it is a symbolic link to '\(text)', where that revision has no policy; compare checked-out directories"
        )
      } else {
        notes.append("'\(name)' is a symbolic link to '\(text)': it is not followed in git")
      }
    }
  }

  /// The contents of all files, each object read once. `known` holds contents by id and keeps what was read.
  func read(known: inout [String: [UInt8]]) throws -> [(name: String, bytes: [UInt8])] {
    var wanted: [String] = []
    var names: [String] = []
    var asked: Set<String> = []
    for file in files where known[file.id] == nil && asked.insert(file.id).inserted {
      wanted.append(file.id)
      names.append(file.name)
    }
    do throws(GitError) {
      let contents = try repository.contents(of: wanted, limit: InputFiles.maximumSize)
      for (id, bytes) in zip(wanted, contents) { known[id] = bytes }
    } catch {
      throw failure(error, names)
    }
    let result = files.map { (name: $0.name, bytes: known[$0.id] ?? []) }
    let pointers = result.filter { GitSide.isPointer($0.bytes) }
    guard pointers.isEmpty else {
      throw Failure(
        pointers.map {
          "cannot read '\($0.name)' in '\(path.text)': it is a Git LFS pointer; compare checked-out directories"
        }.joined(separator: "\narmorc: ")
      )
    }
    return result
  }

  /// The policies of a bundle, every file of which is read.
  func readBundle(_ tree: String, jobs: Int) throws -> BundleSide.Loaded {
    let entries: [GitEntry]
    let contents: [[UInt8]]
    do throws(GitError) {
      entries = try repository.entries(below: tree) { $0.kind == .file }
      contents = try repository.contents(of: entries.map(\.id), limit: InputFiles.maximumSize)
    } catch {
      throw Failure("cannot read '\(path.text)': \(error.words)")
    }
    let files = Dictionary(zip(entries.map(\.path), contents)) { first, _ in first }
    let text = path.text
    return try BundleSide.load(named: text, jobs: jobs) { file in
      guard let bytes = files[file] else { throw Failure("'\(text)' lacks '\(file)'") }
      return bytes
    }
  }

  private func failure(_ error: GitError, _ names: [String]) -> Failure {
    func name(_ index: Int) -> String { names.indices.contains(index) ? names[index] : "a file" }
    switch error {
    case .tooLarge(let index, let bytes):
      return Failure(
        "cannot read '\(name(index))' in '\(path.text)': it has \(bytes) bytes, more than \(InputFiles.maximumSize)"
      )
    case .missing(let index):
      return Failure(
        "cannot read '\(name(index))' in '\(path.text)': its contents are not in this repository; fetch them first"
      )
    case .notInstalled, .noRepository, .failed: return Failure("cannot read '\(path.text)': \(error.words)")
    }
  }

  /// The three lines that Git LFS keeps in place of a file.
  private static func isPointer(_ bytes: [UInt8]) -> Bool {
    bytes.count < 1024 && bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8)
  }
}
