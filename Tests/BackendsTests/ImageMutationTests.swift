import Backends
import Bundle
import Foundation
import IR
import Testing
import _ImageTestSupport
import _PolicyTestSupport

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
      let subject = withPresets(random.subject())
      let original = try BPFBackend.emit(subject, DecisionTable(subject)).bytes
      for _ in 0..<500 {
        let mutant = ImageMutation.mutate(original, using: &random.generator)
        if let error = ImageProperty.check(mutant, events: [random.event(), random.event()]) {
          refused += 1
          #expect(error.offset >= 0 && error.offset <= mutant.count && !error.message.isEmpty, "\(error)")
        } else {
          accepted += 1
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

  /// What the fuzzer once stumbled over, and its seeds.
  @Test func regressions() throws {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fuzz/Regressions/FuzzImage")
    let inputs = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
    #expect(!inputs.isEmpty)
    for input in inputs {
      let bytes = Array(try Data(contentsOf: input))
      for file in [bytes, ImageFile.sealed(bytes)] { _ = ImageProperty.check(file, events: ImageProperty.events) }
    }
  }
}
