import Bundle
import Foundation
import IR
import Testing
import _PolicyTestSupport

@testable import Backends

/// Images with changed bytes: each is refused with a reason and a place, or answers every event within its bounds.
@Suite struct ImageMutationTests {
  /// ARMORC_FULL=1 tries a million.
  @Test func changedImagesNeverTrap() throws {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("ImageMutationTests.changedImagesNeverTrap seed \(generator.seed)")
    let total = ProcessInfo.processInfo.environment["ARMORC_FULL"] == nil ? 6_000 : 1_000_000
    var random = RandomPolicy(generator)
    var refused = 0
    var accepted = 0
    while refused + accepted < total {
      let subject = random.subject()
      let original = try BPFBackend.emit(subject, DecisionTable(subject)).bytes
      for _ in 0..<500 {
        let mutant = ImageMutation.mutate(original, using: &random.generator)
        do throws(ImageError) {
          let image = try ImageReader.read(mutant)
          accepted += 1
          let loaded = KernelImage(image, generation: 1, key: 1)
          for _ in 0..<4 {
            let event = random.event()
            let cell = image.cell(for: event)
            if case .record(let record) = cell.reason { #expect(record < image.records.count) }
            _ = loaded?.classes(ofHash: random.generator.next())
          }
        } catch {
          refused += 1
          #expect(error.offset >= 0 && error.offset <= mutant.count && !error.message.isEmpty, "\(error)")
        }
      }
    }
    print("ImageMutationTests: \(total) mutants, \(refused) refused, \(accepted) accepted")
    #expect(refused > total / 2)
    #expect(accepted > 0)
  }

  /// Every word of the heads matters: another value is refused, or is one that changes no bound.
  @Test func everyHeadWordIsChecked() throws {
    let subject = literalSubject(["/etc/shadow", "/a"])
    let original = try BPFBackend.emit(subject, DecisionTable(subject)).bytes
    // Masks and flags have several sound values.
    let free: Set<Int> = [104 + 25 * 4, 104 + 26 * 4, 104 + 27 * 4]
    for offset in stride(from: 0, to: 104 + 124, by: 4) where !(72..<104).contains(offset) {
      for value: UInt32 in [0, 1, 7, 0x7FFF_FFFF, .max] {
        var mutant = original
        for index in 0..<4 { mutant[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(index * 8)) }
        if mutant == original || free.contains(offset) { continue }
        let image = try? ImageReader.read(ImageFile.sealed(mutant))
        // Other starts, other absorbing states and another subject are images too.
        let isSound = (104 + 24..<104 + 44).contains(offset) || (60..<68).contains(offset)
        #expect(image == nil || isSound, "\(offset): \(value)")
      }
    }
  }

  @Test func errorsSayWhere() throws {
    let subject = literalSubject(["/etc/shadow", "/a"])
    let original = try BPFBackend.emit(subject, DecisionTable(subject)).bytes
    func message(_ mutant: [UInt8]) -> String {
      do throws(ImageError) {
        _ = try ImageReader.read(mutant)
        return "accepted"
      } catch {
        return error.description
      }
    }
    #expect(message([]) == "at byte 0: a file of 0 bytes; its head alone takes 104")
    #expect(message(Array(original.dropLast(8))).hasPrefix("at byte 12: the file says it has"))
    var changed = original
    changed[200] ^= 1
    #expect(message(changed) == "at byte 72: the SHA-256 of the file is another: it was changed")
    changed = original
    changed[104] = 0
    #expect(message(ImageFile.sealed(changed)) == "at byte 104: no map image stands here")
    // The first slot after slot 0 is an absorbing state: let it lead elsewhere.
    changed = original
    let slots = 104 + 384
    changed[slots + 8 + 4] = 2
    #expect(message(ImageFile.sealed(changed)).hasPrefix("at byte \(slots + 8): slot 1:"))
  }
}

enum ImageMutation {
  /// One to four changes: bytes, words, slots moved about, parts cut or doubled; mostly with the right digest.
  static func mutate(_ original: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard bytes.count > 16 else { break }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<9, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2, 3, 4:
        // A word of a table or a slot becomes small, near, or like another.
        let word = place & ~3
        guard word + 4 <= bytes.count else { continue }
        let value: UInt32 =
          switch Int.random(in: 0..<4, using: &random) {
          case 0: UInt32.random(in: 0..<64, using: &random)
          case 1: UInt32.random(in: 0...UInt32.max, using: &random)
          case 2: 0x8000_0000 | UInt32.random(in: 0..<8, using: &random)
          default: UInt32(bytes[word]) + 1
          }
        for index in 0..<4 { bytes[word + index] = UInt8(truncatingIfNeeded: value >> UInt32(index * 8)) }
      case 5:
        let from = Int.random(in: 0..<bytes.count, using: &random) & ~7
        let to = place & ~7
        guard max(from, to) + 8 <= bytes.count else { continue }
        bytes.replaceSubrange(to..<to + 8, with: Array(bytes[from..<from + 8]))
      case 6:
        // A word of either head, where all the counts are.
        let word = Int.random(in: 0..<57, using: &random) * 4
        guard word + 4 <= bytes.count else { continue }
        let value = UInt32.random(in: 0..<600, using: &random)
        for index in 0..<4 { bytes[word + index] = UInt8(truncatingIfNeeded: value >> UInt32(index * 8)) }
      case 7: if random.chance(20) { bytes.removeLast(min(bytes.count, Int.random(in: 1...64, using: &random))) }
      default: if random.chance(20) { bytes += [UInt8](repeating: 0, count: 8) }
      }
    }
    return random.chance(95) ? ImageFile.sealed(bytes) : bytes
  }
}
