import Foundation
import IR
import Testing
import _PolicyTestSupport

/// The event language: what it reads, that it reads what armorc writes, and what it says of everything else.
@Suite struct EventTextTests {
  private func path(_ text: String) throws -> BytePath { try #require(BytePath(text)) }

  private func mistake(_ text: String) throws -> EventSyntaxError {
    do throws(EventSyntaxError) {
      let event = try Event(parsing: text)
      Issue.record("'\(text)' was read as \(event)")
      return EventSyntaxError(range: 0..<0, message: "")
    } catch {
      return error
    }
  }

  @Test func descriptionsReadBack() throws {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("EventTextTests: seed \(generator.seed)")
    var random = RandomPolicy(generator)
    for _ in 0..<3_000 {
      var event = random.event()
      if case .path = event.access {} else { event.isOwner = true }
      #expect(try Event(parsing: event.description) == event, "\(event)")
    }
  }

  /// Paths that hold whatever the language itself is made of.
  @Test func hostilePathsReadBack() throws {
    var generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    let pieces: [[UInt8]] = [
      Array(" from ".utf8), Array(" as owner".utf8), Array("\"".utf8), Array("\\".utf8), Array("\\101".utf8), [0x01],
      [0x0A], [0x09], [0x7F], [0x80], [0xFF], Array("é".utf8), Array("\u{202E}".utf8), Array("\u{2028}".utf8),
      Array("a".utf8), Array(" ".utf8), Array("'".utf8), Array("\u{A0}".utf8), Array("\\u{41}".utf8), [0xC3],
    ]
    func path() throws -> BytePath {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes.append(UInt8(ascii: "/"))
        for _ in 0..<Int.random(in: 1...4, using: &generator) { bytes += generator.pick(pieces) }
      }
      return try #require(BytePath(bytes))
    }
    for _ in 0..<3_000 {
      let source = generator.chance(70) ? try path() : nil
      let access: Access =
        generator.chance(80) ? .path(generator.pick(PathOperation.allCases), try path()) : .syscall("open", try path())
      let isOwner = if case .path = access { generator.chance(50) } else { true }
      let event = Event(source: source, access: access, isOwner: isOwner)
      #expect(try Event(parsing: event.description) == event, "\(event)")
      // One line, whatever is in it.
      #expect(!event.description.utf8.contains(0x0A))
    }
  }

  @Test func everySocketAndCapabilityReadsBack() throws {
    for family in [0, 1, 2, 10, 16, 17, 45, 46, 65_535] as [UInt16] {
      for type in [0, 1, 2, 3, 4, 5, 6, 10, 255] as [UInt8] {
        for number in [0, 1, 6, 17, 58, 132, 255, 262, 65_535] as [UInt16] {
          let event = Event(
            source: nil,
            access: .network(Socket(family: family, type: type, protocolNumber: number))
          )
          #expect(try Event(parsing: event.description) == event, "\(event)")
        }
      }
    }
    for capability in Capability.allCases {
      let event = Event(source: try path("/bin/a"), access: .capability(capability))
      #expect(try Event(parsing: event.description) == event)
      #expect(try Event(parsing: "CAPABILITY CAP_\(capability.name.uppercased()) FROM /bin/a") == event)
    }
  }

  @Test func readsWhatPeopleWrite() throws {
    let read = Event(source: try path("/bin/cat"), access: .path(.read, try path("/etc/shadow")))
    for text in [
      "read /etc/shadow from /bin/cat", "READ /etc/shadow FROM /bin/cat AS OWNER",
      "  read\t\"/etc/shadow\"   from \"/bin/cat\" as owner\n", "read /etc/shadow as owner from /bin/cat",
      "read /etc/\\163hadow from /\\x62in/cat", "read /etc/\\u{73}hadow from /bin/cat",
    ] {
      #expect(try Event(parsing: text) == read, "\(text)")
    }
    #expect(try Event(parsing: "write /a as other").isOwner == false)
    #expect(try Event(parsing: "exec \"/a b\"").access == .path(.exec, try path("/a b")))
    #expect(try Event(parsing: "exec /a\\ b").access == .path(.exec, try path("/a b")))
    #expect(try Event(parsing: "syscall unlink /a").access == .syscall("unlink", try path("/a")))
    for (short, long) in [
      ("tcp", "inet stream tcp"), ("inet tcp", "inet stream tcp"), ("inet6 udp", "inet6 dgram udp"),
      ("icmp", "inet raw icmp"), ("icmpv6", "inet6 raw icmpv6"), ("sctp", "inet stream sctp"), ("raw", "inet raw"),
      ("unix", "unix stream"), ("2 1 6", "inet stream tcp"), ("packet", "packet raw"), ("UDP", "inet dgram udp"),
    ] {
      #expect(try Event(parsing: "network \(short)") == Event(parsing: "network \(long)"), "\(short)")
    }
  }

  /// Text, the offending part of it, and what has to stand in the message, the hint or the expectations.
  @Test(arguments: [
    ("", "", "no event"), ("raed /a", "raed", "did you mean 'read'?"), ("open /a", "open", "did you mean 'read'?"),
    ("/etc/shadow", "/etc/shadow", "no operation"), ("read", "", "a path is missing after 'read'"),
    ("read from /a", "from", "a path is missing"), ("read etc/shadow", "etc/shadow", "write '/etc/shadow'"),
    ("exec sh", "sh", "no absolute path"), ("read /etc/", "/etc/", "write '/etc'"),
    ("read /a//b", "/a//b", "write '/a/b'"), ("read /a/../b", "/a/../b", "write '/b'"),
    ("read /a/./b", "/a/./b", "write '/a/b'"), ("read /../..", "/../..", "write '/'"), ("read ~/x", "~/x", "absolute"),
    ("read \"\"", "\"\"", "an empty path"), ("read \"/a", "\"/a", "no closing quote"),
    ("read \"/a\"b", "b", "after a closing quote"), ("read /a\\q", "\\q", "no such escape"),
    ("read /a\\", "\\", "lone backslash"), ("read /a\\000", "/a\\000", "NUL"), ("read /a\\400", "\\4", "escape"),
    ("read /a b", "b", "double quotes"), ("read /a owner", "owner", "write 'as owner'"),
    ("read /a form /b", "form", "did you mean 'from'?"), ("read /a from /b from /c", "from", "twice"),
    ("read /a as owner as other", "as", "twice"), ("read /a as ownr", "ownr", "did you mean 'owner'?"),
    ("read /a as", "", "nothing after 'as'"), ("read /a from", "", "a path is missing after 'from'"),
    ("network inet stream as owner", "as", "whose a file is"), ("network", "", "a socket is missing"),
    ("network inte stream", "inte", "did you mean 'inet'?"),
    ("network inet straem", "straem", "did you mean 'stream'?"),
    ("network inet stream tpc", "tpc", "did you mean 'tcp'?"), ("network inet", "", "a type is missing"),
    ("network inet stream tcp 4", "4", "unexpected"), ("network 65536 1", "65536", "unknown socket family"),
    ("network inet 256", "256", "unknown socket type"), ("capability", "", "a capability is missing"),
    ("capability net_rwa", "net_rwa", "did you mean 'net_raw'?"),
    ("capability CAP_SYS_ADMN", "CAP_SYS_ADMN", "sys_admin"),
    ("capability \"kill\"", "\"kill\"", "unknown capability"), ("syscall opne", "opne", "did you mean 'open'?"),
    ("syscall open etc", "etc", "no absolute path"), ("syscall", "", "a system call is missing"),
    ("execute /bin/sh", "execute", "did you mean 'exec'?"),
  ])
  func mistakesSayWhatWasExpected(_ text: String, _ part: String, _ words: String) throws {
    let error = try mistake(text)
    let bytes = Array(text.utf8)
    #expect(error.range.lowerBound >= 0 && error.range.upperBound <= bytes.count, "\(error)")
    let shown = String(decoding: bytes[error.range], as: UTF8.self)
    #expect(shown == part || (part.hasSuffix("4") && shown.hasPrefix(part)), "\(error)")
    let all = ([error.message, error.hint] + error.expected).joined(separator: "\n")
    #expect(all.contains(words), "\(all)")
  }

  @Test func limitsAreNamed() throws {
    #expect(try mistake("read /" + String(repeating: "a", count: 4_095)).message.contains("4095"))
    #expect(try Event(parsing: "read /" + String(repeating: "a", count: 4_094)).access.resourceClass == .file)
    #expect(try mistake(String(repeating: "a", count: 70_000)).message.contains("65536"))
    // Two longest paths, all of them escapes.
    let long = "/" + String(repeating: "\\001", count: 4_094)
    #expect(try Event(parsing: "read \(long) from \(long) as other").source?.bytes.count == 4_095)
  }

  /// No text traps, and every mistake lies in the text.
  @Test func randomTextsEndWell() throws {
    var generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    let words = [
      "read", "exec", "network", "capability", "syscall", "from", "as", "owner", "/a", "\"/a b\"", "inet", "stream",
      "tcp", "kill", "open", "\\", "\"", "\u{0}", "é", "/", "//", "\\u{", "\\u{110000}", "\\x4", "65535", "-1", "\n",
    ]
    for _ in 0..<5_000 {
      let text = (0..<Int.random(in: 0...6, using: &generator)).map { _ in generator.pick(words) }
        .joined(separator: generator.chance(80) ? " " : "")
      do throws(EventSyntaxError) {
        let event = try Event(parsing: text)
        #expect(try Event(parsing: event.description) == event, "\(text)")
      } catch {
        #expect(error.range.lowerBound >= 0 && error.range.upperBound <= text.utf8.count, "\(text)")
        #expect(!error.message.isEmpty)
      }
    }
  }
}
