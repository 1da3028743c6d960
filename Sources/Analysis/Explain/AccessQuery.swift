import Automata
package import IR

/// What `--who-can` asks for: an access, or every access to some paths.
package struct AccessQuery: Hashable, Sendable {
  package enum Objects: Hashable, Sendable {
    case paths(PathOperation, PathSet)
    case socket(Socket)
    case capability(Capability)
    /// By a system call; without a path, with no path argument.
    case syscall(String, BytePath?)
  }
  package let objects: Objects
  /// Whose the object is; `any` when nobody asked.
  package let owner: OwnerCondition

  package init(objects: Objects, owner: OwnerCondition = .any) {
    self.objects = objects
    self.owner = owner
  }

  /// Reads an event without a source. A path of `exec`, `read` and `write` may be an AppArmor glob, unless it is in quotes.
  package init(parsing text: String) throws(EventSyntaxError) {
    if let (operation, pattern, owner) = try AccessQuery.pattern(text) {
      self.init(objects: .paths(operation, .glob(pattern)), owner: owner)
      return
    }
    let event = try Event(parsing: text)
    guard event.source == nil else {
      throw EventSyntaxError(
        range: 0..<text.utf8.count,
        message: "the question is about all sources; leave 'from' out"
      )
    }
    switch event.access {
    case .path(let operation, let path):
      // Where nobody said whose the object is, saying it now is no mistake.
      let isOpen = (try? Event(parsing: text + " as other")) != nil
      self.init(objects: .paths(operation, .literal(path)), owner: isOpen ? .any : event.isOwner ? .owner : .other)
    case .network(let socket): self.init(objects: .socket(socket))
    case .capability(let capability): self.init(objects: .capability(capability))
    case .syscall(let name, let path): self.init(objects: .syscall(name, path))
    }
  }

  /// `write /etc/** as other`; nil if it is no glob.
  private static func pattern(
    _ text: String
  ) throws(EventSyntaxError) -> (PathOperation, Glob, OwnerCondition)? {
    let words = text.utf8.split { $0 == 0x20 || (0x09...0x0D).contains($0) }
    guard words.count >= 2, words[1].first == UInt8(ascii: "/"), words[1].contains(where: { "*?[{".utf8.contains($0) }),
      let operation = PathOperation.allCases.first(where: { $0.name == String(Substring(words[0])).lowercased() })
    else { return nil }
    let start = text.utf8.distance(from: text.utf8.startIndex, to: words[1].startIndex)
    let glob: Glob
    do {
      glob = try Glob(Array(words[1]))
    } catch {
      let offset = min(start + error.offset, max(start, text.utf8.count - 1))
      throw EventSyntaxError(range: offset..<min(offset + 1, text.utf8.count), message: error.message)
    }
    guard words.count > 2 else { return (operation, glob, .any) }
    // The rest as behind a plain path; mistakes are found where they stand.
    let plain = operation.name + " /" + String(repeating: "a", count: max(1, words[1].count - 1))
    let rest = text.utf8.dropFirst(start + words[1].count)
    let event: Event
    do throws(EventSyntaxError) {
      event = try Event(parsing: plain + String(Substring(rest)))
    } catch {
      let shift = start + words[1].count - plain.utf8.count
      let range = max(0, error.range.lowerBound + shift)..<max(0, error.range.upperBound + shift)
      throw EventSyntaxError(range: range, message: error.message, expected: error.expected, hint: error.hint)
    }
    guard event.source == nil else {
      throw EventSyntaxError(
        range: start..<text.utf8.count,
        message: "the question is about all sources; leave 'from' out"
      )
    }
    return (operation, glob, event.isOwner ? .owner : .other)
  }
}

extension AccessQuery: CustomStringConvertible {
  package var description: String {
    let ownership = owner == .any ? "" : owner == .owner ? " as owner" : " as other"
    switch objects {
    case .paths(let operation, .literal(let path)): return operation.name + " " + path.eventText + ownership
    case .paths(let operation, let set): return operation.name + " " + set.description + ownership
    case .socket(let socket): return Event(source: nil, access: .network(socket)).description
    case .capability(let capability): return "capability " + capability.name
    case .syscall(let name, let path): return Event(source: nil, access: .syscall(name, path)).description
    }
  }
}
