import ArgumentParser
import Runtime

/// What OLD or NEW of a comparison stands for.
enum SideSource: Sendable {
  case standardInput
  /// A file or a directory.
  case path(String)
  /// A directory that `build` wrote.
  case bundle(String)
  case git(GitPath)
}

/// A file or directory in the object store or the index of a repository.
struct GitPath: Sendable {
  /// The tree of the revision; nil is the index.
  let tree: String?
  /// From the top of the tree, plain components.
  let path: String
  /// What it is called in the current directory; empty for that directory itself.
  let name: String
  /// As the user wrote it, for messages.
  let text: String
}

/// The two sides that the arguments of a comparison name.
struct SideArguments {
  let old: SideSource
  let new: SideSource
  let oldName: String
  let newName: String
  /// There if a side is in it.
  let repository: GitRepository?

  /// What one argument is, before it is known what the other one is.
  private enum Word {
    case source(SideSource)
    /// `REV:PATH`, with nil for the index.
    case treePath(revision: String?, path: String)
    /// A revision alone: the other side's path, or else the current directory.
    case revision(String)
  }

  static let hint =
    "give a file, a directory, a bundle, - for standard input, or a git revision such as main, HEAD~3 or main:policies"

  /// - Throws: `ValidationError` when they are no two sides, whatever there is.
  static func check(_ arguments: [String]) throws {
    guard arguments.count <= 2 else { throw ValidationError("expected OLD and NEW, not a third side") }
    if arguments.contains("") { throw ValidationError("a side is empty: \(hint)") }
    if arguments == ["-", "-"] { throw ValidationError("only one of OLD and NEW can be standard input") }
    guard arguments.count == 1, let only = arguments.first else { return }
    if only == "-" { throw ValidationError("expected NEW beside OLD, which is standard input") }
    if FileAccess.kind(of: only) != .missing {
      throw ValidationError(
        "expected NEW beside OLD: '\(only)' is a path (a git revision of that name would be '\(only):./')"
      )
    }
  }

  /// - Throws: `Failure` when a side is nothing that there is.
  init(_ arguments: [String]) throws {
    try SideArguments.check(arguments)
    guard let first = arguments.first else { throw ValidationError("expected OLD and NEW") }
    let second = arguments.count == 2 ? arguments[1] : nil
    var finder = Finder()
    if FileAccess.kind(of: first) == .missing, let range = SideArguments.range(first) {
      (old, new) = try finder.sides(of: range, text: first, path: second)
      (oldName, newName) = (range.old, range.new)
    } else {
      let word = try SideArguments.word(first)
      if let second {
        let other = try SideArguments.word(second)
        old = try finder.source(word, text: first, beside: other)
        new = try finder.source(other, text: second, beside: word)
      } else {
        (old, new) = try finder.againstWorkTree(word, text: first)
      }
      (oldName, newName) = (first, second ?? "work tree")
    }
    repository = finder.repository
  }

  private static func word(_ text: String) throws -> Word {
    if text == "-" { return .source(.standardInput) }
    switch FileAccess.kind(of: text) {
    case .file, .other: return .source(.path(text))
    case .directory: return .source(BundleSide.isBundle(text) ? .bundle(text) : .path(text))
    case .missing: break
    }
    guard let colon = colon(of: text) else { return .revision(text) }
    let revision = String(text[..<colon])
    let path = String(text[text.index(after: colon)...])
    guard !revision.isEmpty || !path.hasPrefix("/") else {
      throw Failure("cannot read '\(text)': ':/' asks git to search messages; give the commit itself")
    }
    return .treePath(revision: revision.isEmpty ? nil : revision, path: path)
  }

  /// The colon between revision and path; those in braces belong to the revision, as in `HEAD^{/fix: all}`.
  private static func colon(of text: String) -> String.Index? {
    var depth = 0
    for index in text.indices {
      switch text[index] {
      case "{": depth += 1
      case "}": depth -= 1
      case ":" where depth <= 0: return index
      default: continue
      }
    }
    return nil
  }

  /// `A..B`, or `A...B`: from where their histories met.
  fileprivate struct Range {
    let old: String
    let new: String
    let isFromMergeBase: Bool
  }

  private static func range(_ text: String) -> Range? {
    guard colon(of: text) == nil, !text.hasPrefix("../"), !text.hasPrefix("./"), !text.hasPrefix("/") else {
      return nil
    }
    for (mark, isFromMergeBase) in [("...", true), ("..", false)] {
      guard let found = text.firstRange(of: mark) else { continue }
      let sides = [text[..<found.lowerBound], text[found.upperBound...]].map { $0.isEmpty ? "HEAD" : String($0) }
      return Range(old: sides[0], new: sides[1], isFromMergeBase: isFromMergeBase)
    }
    return nil
  }

  /// Looks words up in the repository of the current directory, which is found when the first word needs it.
  private struct Finder {
    var repository: GitRepository?

    mutating func source(_ word: Word, text: String, beside other: Word) throws -> SideSource {
      switch word {
      case .source(let source): return source
      case .treePath(let revision, let path):
        return .git(try git(revision, try components(path, text), name: nil, text: text))
      case .revision(let revision):
        let repository = try open(text)
        switch other {
        case .source(.path(let path)):
          let components = try components(ofFile: path, text)
          return .git(try git(revision, components, name: SideName.plain(path), text: text))
        case .treePath(_, let path): return .git(try git(revision, try components(path, text), name: nil, text: text))
        case .revision, .source:
          return .git(try git(revision, SideName.components(repository.prefix) ?? [], name: nil, text: text))
        }
      }
    }

    mutating func againstWorkTree(_ word: Word, text: String) throws -> (SideSource, SideSource) {
      let source = try source(word, text: text, beside: .revision(text))
      guard case .git(let old) = source, let repository, repository.hasWorkTree else {
        throw Failure("cannot compare '\(text)' with the work tree: this repository has none here; give NEW too")
      }
      return (source, .path(old.name.isEmpty ? "." : old.name))
    }

    mutating func sides(of range: Range, text: String, path: String?) throws -> (SideSource, SideSource) {
      let repository = try open(text)
      // Which of the two is wrong is said by name.
      for side in [range.old, range.new] { _ = try tree(side, text: text) }
      var old = range.old
      if range.isFromMergeBase {
        guard let base = try asking(text, { () throws(GitError) in try repository.mergeBase(range.old, range.new) })
        else {
          throw Failure("cannot read '\(text)': the two histories have nothing in common")
        }
        old = base
      }
      let components = try path.map { try self.components(ofFile: $0, text) } ?? SideName.components(repository.prefix)
      let name = path.map(SideName.plain)
      return (
        .git(try git(old, components ?? [], name: name, text: range.old)),
        .git(try git(range.new, components ?? [], name: name, text: range.new))
      )
    }

    private mutating func git(_ revision: String?, _ path: [String], name: String?, text: String) throws -> GitPath {
      let repository = try open(text)
      return GitPath(
        tree: try revision.map { try tree($0, text: text) },
        path: path.joined(separator: "/"),
        name: name ?? SideName.relative(path, to: repository.prefix),
        text: text
      )
    }

    private mutating func tree(_ revision: String, text: String) throws -> String {
      let repository = try open(text)
      if let tree = try asking(text, { () throws(GitError) in try repository.tree(of: revision) }) { return tree }
      let what = revision == text ? "no git revision" : "'\(revision)' is no git revision"
      throw Failure("cannot read '\(text)': no such file or directory, and \(what)\n  \(hint)")
    }

    /// `PATH` of `REV:PATH`: from the top, but for `./` and `../`.
    private mutating func components(_ path: String, _ text: String) throws -> [String] {
      let repository = try open(text)
      let isRelative = ["./", "../"].contains { path.hasPrefix($0) } || path == "." || path == ".."
      guard let components = SideName.components(path, in: isRelative ? repository.prefix : "") else {
        throw Failure("cannot read '\(text)': the path leads out of the repository")
      }
      return components
    }

    /// The place in the repository of a path of the file system.
    private mutating func components(ofFile path: String, _ text: String) throws -> [String] {
      let repository = try open(text)
      if !path.hasPrefix("/") {
        if let components = SideName.components(path, in: repository.prefix) { return components }
      } else {
        let top = try asking(text) { () throws(GitError) in try repository.topLevel() }
        let real = (try? FileAccess.realPath(path)) ?? SideName.plain(path)
        if real == top { return [] }
        if real.hasPrefix(top + "/") { return real.dropFirst(top.count + 1).split(separator: "/").map(String.init) }
      }
      throw Failure("cannot find '\(path)' in '\(text)': it lies outside of the repository of the current directory")
    }

    private mutating func open(_ text: String) throws -> GitRepository {
      if let repository { return repository }
      do throws(GitError) {
        let found = try GitRepository.discover()
        repository = found
        return found
      } catch {
        let reason: String
        switch error {
        case .notInstalled: reason = "git, which would know revisions, is not on PATH"
        case .noRepository(let words): reason = "git knows no revisions here: \(words)"
        case .failed, .tooLarge, .missing: reason = error.words
        }
        throw Failure("cannot read '\(text)': no such file or directory, and \(reason)\n  \(hint)")
      }
    }

    private func asking<Answer>(_ text: String, _ question: () throws(GitError) -> Answer) throws -> Answer {
      do throws(GitError) { return try question() } catch { throw Failure("cannot read '\(text)': \(error.words)") }
    }
  }
}

extension GitError {
  /// One line for people.
  var words: String {
    switch self {
    case .notInstalled: "git is not on PATH"
    case .noRepository(let reason): reason
    case .failed(let what, let reason): "\(what): \(reason)"
    case .tooLarge(_, let bytes): "an object has \(bytes) bytes"
    case .missing: "an object is missing"
    }
  }
}
