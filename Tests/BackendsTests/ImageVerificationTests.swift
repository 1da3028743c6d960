import Backends
import Bundle
import Foundation
import IR
import Testing
import _ImageTestSupport
import _PolicyTestSupport

@Suite struct ImageVerificationTests {
  /// An image that was changed and is still one is proved only if it says the same: of every difference that random events
  /// find, the verification knows.
  @Test func changedImagesAreFound() throws {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("ImageVerificationTests.changedImagesAreFound seed \(generator.seed)")
    var random = RandomPolicy(generator)
    var found = 0
    var proved = 0
    for _ in 0..<60 {
      let subject = random.subject()
      let table = try DecisionTable(subject)
      let original = try BPFBackend.emit(subject, table).bytes
      for _ in 0..<60 {
        guard let image = try? ImageReader.read(ImageMutation.mutate(original, using: &random.generator)) else {
          continue
        }
        let proof = try ImageVerification(image, table, subject: subject.name)
        if proof.isProved { proved += 1 } else { found += 1 }
        if !proof.differences.isEmpty { continue }
        for _ in 0..<40 {
          let event = random.event()
          let decision = table.decide(event)
          #expect(image.decide(event) == inRecords(decision, subject.rules), "\(event)\n\(subject)")
        }
      }
    }
    print("ImageVerificationTests: \(found) changed images found, \(proved) say the same")
    #expect(found > 20)
  }

  /// The image asks for what is visible, and the proof looks at it.
  @Test func visibleClassesAreThoseOfTheSubject() throws {
    var subject = literalSubject(["/a"])
    subject.visibility = [.process, .network]
    let table = try DecisionTable(subject)
    let image = try ImageReader.read(try SubjectImage(subject, table).artifact.bytes)
    #expect(image.header.visible == 0b101)
    let name = subject.name
    #expect(try ImageVerification(image, table, subject: name, visible: [.network, .process]).isProved)
    #expect(try ImageVerification(image, table, subject: name, visible: [.process]).defects.count == 1)
  }

  /// The witness is the shortest event that the image decides otherwise.
  @Test func theWitnessIsShortest() throws {
    let subject = literalSubject(["/etc/shadow", "/a"])
    let other = literalSubject(["/etc/shadow"])
    let image = try ImageReader.read(BPFBackend.emit(other, DecisionTable(other)).bytes)
    let proof = try ImageVerification(image, DecisionTable(subject), subject: "literals")
    #expect(
      proof.differences.map(\.witness)
        == ["read /a as other", "read /a as owner", "write /a as other", "write /a as owner"].sorted {
          ($0.utf8.count, $0) < ($1.utf8.count, $1)
        }
    )
    #expect(proof.differences.first?.expected.verdict == .block)
    #expect(proof.differences.first?.actual.verdict == .allow)
    #expect(try ImageVerification(image, DecisionTable(other), subject: "another").defects.count == 1)
  }

  /// A recursive directory absorbs: nothing that follows is looked at.
  @Test func recursiveDirectoriesEndTheWalk() throws {
    var subject = literalSubject(["/x"])
    let directory = try #require(BytePath("/etc/secret"))
    subject.policies[0].rules[0].target = .file(.directory(directory, recursive: true, includesSelf: true))
    let image = try ImageReader.read(BPFBackend.emit(subject, DecisionTable(subject)).bytes)
    let state = image.walk(Array("/etc/secret/k".utf8), from: image.header.start[0])
    #expect(state <= UInt32(image.header.absorbing) && state > 0)
    #expect(image.walk(Array("/x".utf8), from: image.header.start[0]) <= UInt32(image.header.absorbing))
    // What lies above a rule is guarded, what lies beside it is not.
    #expect(image.mark(image.walk(Array("/etc/".utf8), from: image.header.start[0])).isGuarded)
    #expect(!image.mark(image.walk(Array("/usr/".utf8), from: image.header.start[0])).isGuarded)
  }

  @Test func systemCallsAreNumbered() throws {
    #expect(SystemCalls.all.allSatisfy { SystemCalls.number(of: $0) != nil })
    #expect(SystemCalls.number(of: "read") == 0)
    #expect(SystemCalls.number(of: "execve") == 59)
    #expect(SystemCalls.number(of: "rseq") == 334)
    #expect(SystemCalls.name(of: 165) == "mount")
    #expect(SystemCalls.name(of: 335) == nil)
  }

  /// Too much for any image is an error that names rules.
  @Test func tooManyRecordsNameRules() throws {
    let count = ImageHeader.maximumRecords + 1
    let subject = literalSubject((0..<count).map { "/\($0)" }, perRule: true)
    let table = try DecisionTable(subject)
    do throws(BuildProblem) {
      _ = try SubjectImage(subject, table)
      Issue.record("an image with \(count) records")
    } catch {
      #expect(error.message.contains("a map image can number \(ImageHeader.maximumRecords)"))
      #expect(error.rules.count == 8)
    }
  }
}
