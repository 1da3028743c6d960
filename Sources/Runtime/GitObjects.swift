/// One name in a tree or in the index of a git repository.
package struct GitEntry: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case file
    /// A symbolic link; the object's bytes are where it leads.
    case link
    case submodule
    case directory
    /// In the index: one side of a merge that is not resolved.
    case unmerged
  }
  package let kind: Kind
  /// `/` between components. Bytes that are no UTF-8 are replaced: names are for people, contents are found by id.
  package let path: String
  /// In hexadecimal digits.
  package let id: String

  init(kind: Kind, path: String, id: String) {
    self.kind = kind
    self.path = path
    self.id = id
  }

  /// `mode SP type SP id TAB path`; nil if it is none.
  init?(treeRecord record: ArraySlice<UInt8>) {
    guard let (words, path) = GitEntry.split(record), words.count == 3, GitEntry.isID(words[2]) else { return nil }
    self.init(mode: words[0], path: path, id: words[2], isMerged: true)
  }

  /// `mode SP id SP stage TAB path`; nil if it is none.
  init?(indexRecord record: ArraySlice<UInt8>) {
    guard let (words, path) = GitEntry.split(record), words.count == 3, GitEntry.isID(words[1]) else { return nil }
    self.init(mode: words[0], path: path, id: words[1], isMerged: words[2].elementsEqual("0".utf8))
  }

  private init(mode: ArraySlice<UInt8>, path: ArraySlice<UInt8>, id: ArraySlice<UInt8>, isMerged: Bool) {
    let kind: Kind
    switch String(decoding: mode, as: UTF8.self) {
    case _ where !isMerged: kind = .unmerged
    case "120000": kind = .link
    case "160000": kind = .submodule
    case "040000": kind = .directory
    default: kind = .file
    }
    self.init(kind: kind, path: String(decoding: path, as: UTF8.self), id: String(decoding: id, as: UTF8.self))
  }

  private static func split(_ record: ArraySlice<UInt8>) -> (words: [ArraySlice<UInt8>], path: ArraySlice<UInt8>)? {
    guard let tab = record.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
    return (record[..<tab].split(separator: UInt8(ascii: " ")), record[(tab + 1)...])
  }

  /// 40 digits of SHA-1 or 64 of SHA-256.
  static func isID(_ text: some Collection<UInt8>) -> Bool {
    (text.count == 40 || text.count == 64)
      && text.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }
}

/// Reads what `git cat-file --batch` writes: for each object `id SP type SP size LF`, so many bytes, LF; or `id missing LF`.
struct BatchReader {
  private(set) var contents: [[UInt8]] = []
  /// Set once; nothing more is taken then.
  private(set) var problem: GitError?
  private let limit: Int
  private var header: [UInt8] = []
  /// Bytes of the last of `contents` that are still to come, and the line feed after them; 0 between objects.
  private var pending = 0

  init(limit: Int) { self.limit = limit }

  var isAtEnd: Bool { pending == 0 && header.isEmpty }

  /// The next bytes; false when it wants no more.
  mutating func take(_ chunk: ArraySlice<UInt8>) -> Bool {
    var rest = chunk
    while problem == nil, !rest.isEmpty {
      if pending > 0 {
        let piece = rest.prefix(pending)
        // The last of the pending bytes is the line feed.
        contents[contents.count - 1] += piece.count == pending ? piece.dropLast() : piece
        pending -= piece.count
        rest = rest.dropFirst(piece.count)
      } else if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        header += rest[..<end]
        rest = rest[(end + 1)...]
        start()
      } else {
        header += rest
        rest = []
        if header.count > 4096 { problem = .failed("an object", reason: "git wrote what it never writes") }
      }
    }
    return problem == nil
  }

  private mutating func start() {
    let words = header.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    header = []
    guard words.count == 3, let size = Int(words[2]), size >= 0 else {
      problem =
        words.last == "missing"
        ? .missing(index: contents.count) : .failed("an object", reason: "git wrote what it never writes")
      return
    }
    guard size <= limit else {
      problem = .tooLarge(index: contents.count, bytes: size)
      return
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    contents.append(bytes)
    pending = size + 1
  }
}
