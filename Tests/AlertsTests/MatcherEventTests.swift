import Bundle
import CArmor
import Foundation
import IR
import Testing
import _PolicyTestSupport

@testable import Alerts

/// Bytes of the ring buffer: events are read as they were, and everything else is refused.
@Suite struct MatcherEventTests {
  /// INVARIANT: `encoded` lays events out as `struct armor_event` does.
  @Test func layout() {
    #expect(MatcherEvent.headerSize == 120)
    #expect(MemoryLayout<armor_event>.offset(of: \.bytes) == 32)
    #expect(MemoryLayout<armor_event>.offset(of: \.cell) == 76)
    #expect(MemoryLayout<armor_event>.offset(of: \.preset) == 83)
    #expect(MemoryLayout<armor_event>.offset(of: \.path_bytes) == 84)
    #expect(MemoryLayout<armor_event>.offset(of: \.comm) == 88)
    #expect(MatcherHook.allCases.map(\.rawValue).max() == UInt8(ARMOR_HOOKS.rawValue) - 1)
    #expect(MatcherHook.bpf.rawValue == UInt8(ARMOR_HOOK_BPF.rawValue))
    #expect(MatcherHook.capable.rawValue == UInt8(ARMOR_HOOK_CAPABLE.rawValue))
    #expect(MatcherTrouble.alias.rawValue == UInt8(ARMOR_ALIAS.rawValue))
  }

  @Test func isReadAsWritten() throws {
    for event in AlertGoldenTests.hooks + AlertGoldenTests.decisions.map(\.0) {
      // The bytes lie anywhere in a batch.
      let bytes = ([7, 7, 7] as [UInt8]) + event.encoded
      #expect(try MatcherEvent(bytes[3...]) == event)
    }
  }

  @Test(
    arguments: [
      ("", 0, 0), ("length", 32, 7), ("verdict", 76, 3), ("class", 78, 5), ("operation", 79, 3), ("hook", 80, 0),
      ("hook", 80, 30), ("trouble", 81, 8), ("owner", 82, 2), ("preset", 83, 6), ("path length", 84, 255),
      ("source length", 87, 255),
      ("NUL", 121, 0),
    ] as [(String, Int, UInt8)]
  )
  func malformed(_ what: String, _ offset: Int, _ value: UInt8) {
    var bytes = Samples.event(.open, .file, path: "/etc/passwd").encoded
    if !what.isEmpty { bytes[offset] = value }
    #expect((try? MatcherEvent(bytes[...])) == nil || what.isEmpty, "\(what)")
    #expect(throws: EventError.self) { try MatcherEvent(bytes.dropLast()) }
    #expect(throws: EventError.self) { try MatcherEvent((bytes + [0])[...]) }
    #expect(throws: EventError.self) { try MatcherEvent(bytes.prefix(MatcherEvent.headerSize - 1)) }
  }

  /// A changed event is refused, or is an event that is written in every form.
  @Test func mutantsNeverTrap() {
    var random = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("MatcherEventTests.mutantsNeverTrap seed \(random.seed)")
    let originals = AlertGoldenTests.hooks + AlertGoldenTests.decisions.map(\.0)
    var refused = 0
    var accepted = 0
    for _ in 0..<20_000 {
      var bytes = random.pick(originals).encoded
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
        case 1: bytes.append(UInt8.random(in: 0...255, using: &random))
        default:
          guard !bytes.isEmpty else { continue }
          let place = Int.random(in: 0..<bytes.count, using: &random)
          bytes[place] = random.pick([0, 1, 0xFF, UInt8.random(in: 0...255, using: &random)])
        }
      }
      do throws(EventError) {
        let event = try MatcherEvent(bytes[...])
        accepted += 1
        #expect(event.encoded.count == bytes.count)
        for format in AlertWriter.Format.allCases {
          let text = Samples.text(Samples.alert(event), format)
          #expect(text.hasSuffix("\n") && (format == .text || text.filter { $0 == "\n" }.count == 1))
        }
      } catch {
        refused += 1
        #expect(!error.message.isEmpty)
      }
    }
    #expect(refused > 1000 && accepted > 1000)
  }
}
