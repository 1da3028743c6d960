import Automata
import Backends
import Foundation
import IR
import Runtime
import Testing
import _PolicyTestSupport

@Suite struct ProfileLimitTests {
  /// Every byte that a path can hold, in paths, names and sources, reaches the parser as itself.
  @Test func anyByteInPaths() throws {
    let parser = AppArmorParser.locate(features: KernelFeatures.text)
    var rules: [Rule] = []
    for byte in UInt8(1)...255 where byte != UInt8(ascii: "/") && byte != UInt8(ascii: ".") {
      let path = try #require(BytePath(Array("/d/".utf8) + [byte]))
      rules.append(profileRule(.file(.literal(path)), .block))
      if byte % 16 == 0 {
        rules.append(profileRule(.process(.basename([byte, byte])), .block))
        rules.append(profileRule(.file(.directory(path, recursive: true, includesSelf: true)), .audit))
      }
    }
    let outcome = try ProfileOutcome(profileSubject("bytes", rules), AppArmorBackend.Options(floor: .none))
    #expect(outcome.differences.isEmpty, "\(outcome.describe(outcome.differences))")
    if let parser { #expect(try outcome.disagreements(parser) == []) }
    #expect(outcome.artifact.text.bytes.allSatisfy { $0 == 10 || (32..<127).contains($0) })
  }

  /// Nothing in a name, a path or a message can end a comment.
  @Test func commentsHoldWhatTheyAreGiven() throws {
    let rules = [profileRule(.file(literal("/a\n  /** rwlkm,\n#")), .block), profileRule(.file(literal("/b")), .block)]
    let subject = profileSubject("names", rules, policyName: "include <x>\n  capability,\r\n}\u{2028}profile evil {")
    let outcome = try ProfileOutcome(subject)
    let code = outcome.text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
    #expect(code.filter { $0.contains("profile") }.count == 1)
    #expect(code.filter { $0.hasPrefix("  capability,") }.count == 1)
    #expect(!outcome.text.contains("# include"))
    if let parser = AppArmorParser.locate(features: KernelFeatures.text) {
      #expect(try outcome.disagreements(parser) == [])
    }
  }

  @Test func nativeTextStaysInside() throws {
    func emit(_ text: String) throws -> ProfileOutcome {
      try ProfileOutcome(profileSubject("native", [profileRule(.file(literal("/a")), .block)], native: text))
    }
    let good = try emit("/x/{a,b} r, # } not here\n  \"/y#{z,}\" w,\n")
    #expect(good.text.contains("/x/{a,b} r, # } not here\n  \"/y#{z,}\" w,\n"))
    #expect(!String(decoding: good.artifact.textWithoutNative.bytes, as: UTF8.self).contains("/x/"))
    if let parser = AppArmorParser.locate(features: KernelFeatures.text) {
      #expect(throws: Never.self) { try parser.compile(good.artifact.text.bytes) }
    }
    for bad in ["}\nprofile evil {", "/a r,\n}", "profile x {", "\"/a", "/a\0 r,", "/a#{\n}\n}"] {
      #expect(throws: EmissionError.self, "\(bad)") { try emit(bad) }
    }
  }

  @Test func tooManySources() throws {
    func rules(_ count: Int) -> [Rule] {
      (0..<count).map { profileRule(.file(literal("/secret/\($0)")), .block, from: ["/bin/s\($0)", "/bin/t\($0)"]) }
    }
    let fits = try ProfileOutcome(profileSubject("many", rules(12)), AppArmorBackend.Options(floor: .none))
    #expect(fits.artifact.layout == .restricting && fits.artifact.profiles.profiles.count == 13)
    #expect(fits.differences.isEmpty)
    if let parser = AppArmorParser.locate(features: KernelFeatures.text) {
      #expect(try fits.disagreements(parser) == [])
    }
    do {
      _ = try ProfileOutcome(profileSubject("many", rules(13)))
      Issue.record("13 groups of sources were taken")
    } catch EmissionError.tooManySources(let groups, let limit, let origins) {
      #expect(groups == 13 && limit == 12 && origins.count == 13)
    }
  }

  /// All verdicts of every word, alone and against an allow-list, against the parser.
  @Test func networkWords() throws {
    let parser = AppArmorParser.locate(features: KernelFeatures.text)
    for word in NetworkProtocol.allCases {
      for action in Action.allCases {
        let outcome = try ProfileOutcome(
          profileSubject("net", [profileRule(.network(word), action)]),
          AppArmorBackend.Options(floor: .none)
        )
        // Protocols are none of AppArmor's business: what it must decide alike errs on the strict side.
        // And `SOCK_DCCP` has no word of its own to be audited by: it is refused, and that is reported.
        let expectsExact = ![.icmp, .icmpv6, .sctp].contains(word) && !(word == .dccp && action == .audit)
        if expectsExact {
          #expect(
            outcome.differences.isEmpty,
            "\(word) \(action)\n\(outcome.describe(outcome.differences))\n\(outcome.text)"
          )
        } else {
          #expect(outcome.looser.isEmpty, "\(word) \(action)\n\(outcome.describe(outcome.looser))\n\(outcome.text)")
        }
        if let parser { #expect(try outcome.disagreements(parser) == []) }
      }
    }
  }

  @Test func capabilities() throws {
    let rules = Capability.allCases.map { capability in
      profileRule(.capability(capability), Action.allCases[Int(capability.rawValue) % 3])
    }
    for posture in Posture.allCases {
      let outcome = try ProfileOutcome(
        profileSubject("caps", rules, postures: Postures(capabilities: posture)),
        AppArmorBackend.Options(floor: .none)
      )
      #expect(outcome.differences.isEmpty, "\(outcome.describe(outcome.differences))\n\(outcome.text)")
      if let parser = AppArmorParser.locate(features: KernelFeatures.text) {
        #expect(try outcome.disagreements(parser) == [])
      }
    }
  }
}
