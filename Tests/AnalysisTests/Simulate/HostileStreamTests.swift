import Analysis
import Foundation
import IR
import Testing
import _PolicyTestSupport

/// Streams that nobody meant to be read.
@Suite struct HostileStreamTests {
  private static let good = #"{"Operation":"Process","Resource":"/bin/sh","ProcessName":"/bin/sh","NamespaceName":"n"}"#

  @Test func oddLines() {
    let text = "\u{FEFF}\(HostileStreamTests.good)\r\n\n   \n\(HostileStreamTests.good)"
    let readings = Lines.numbered(Array(text.utf8))
    #expect(readings.map(\.line) == [1, 4])
    #expect(readings.allSatisfy { Lines.record($0.reading) != nil })
    for bytes in [
      Array("read /a\0b".utf8), [0xFF, 0xFE, 0x41, 0x00], Array("{\"Operation\":\"\u{1}\"}".utf8),
      Array("{\"Operation\":\"File\",\"Resource\":\"/a\"".utf8), Array("[1,2]".utf8), Array("{}".utf8),
      Array("{\"a\":01}".utf8), Array("{\"a\":1}x".utf8), Array("hello".utf8),
      Array("{\"Type\":\"MatchedPolicy\"}".utf8),
    ] {
      let readings = Lines.read(bytes)
      #expect(readings.count == 1)
      if case .unparsed(let why)? = readings.first { #expect(!why.isEmpty) } else { Issue.record("\(bytes)") }
    }
  }

  /// A path that is no UTF-8 keeps its bytes.
  @Test func pathsAreBytes() {
    let line =
      Array(#"{"Operation":"File","NamespaceName":"n","ProcessName":"/p","Data":"lsm=PATH_MKDIR","Resource":"/a"#.utf8)
      + [0xFF] + Array("\"}".utf8)
    #expect(Lines.text(Lines.read(line).first) == #"write /a\377 from /p"#)
  }

  @Test func nestingIsBounded() {
    for bracket in ["[", "{\"a\":"] {
      let deep = "{\"x\":" + String(repeating: bracket, count: 200_000)
      #expect(Lines.text(Lines.read(deep).first).contains("levels deep"))
    }
    let own = "{\"event\":" + String(repeating: "[", count: 100_000)
    #expect(Lines.text(Lines.read(own).first).hasPrefix("unparsed"))
  }

  /// 100 MB without a line break: never held, counted once, and what comes behind it is read.
  @Test func longLinesAreSkipped() {
    var batcher = LineBatcher()
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    var batches = batcher.append(Array("read /a\n".utf8)[...])
    for _ in 0..<100 { batches += batcher.append(piece[...]) }
    batches += batcher.append(Array("\nread /b\n".utf8)[...])
    if let last = batcher.finish() { batches.append(last) }
    let readings = batches.flatMap(RecordReader.read)
    #expect(readings.map(\.line) == [1, 2, 3])
    #expect(batches.map(\.bytes.count).max() ?? 0 < 64)
    #expect(Lines.text(readings[1].reading) == "unparsed: the line is longer than 1048576 bytes")
    #expect(Lines.text(readings[2].reading) == "read /b as owner")
  }

  @Test func longestLineIsRead() {
    func line(_ count: Int) -> [UInt8] {
      let head = Array(HostileStreamTests.good.dropLast().utf8) + Array(",\"Message\":\"".utf8)
      return head + [UInt8](repeating: 0x61, count: count - head.count - 2) + Array("\"}".utf8)
    }
    #expect(Lines.record(Lines.read(line(LineBatcher.maximumLine)).first) != nil)
    #expect(Lines.record(Lines.read(line(LineBatcher.maximumLine) + [0x0A]).first) != nil)
    #expect(Lines.text(Lines.read(line(LineBatcher.maximumLine + 2) + [0x0A]).first).contains("longer"))
    #expect(Lines.text(Lines.read(line(LineBatcher.maximumLine + 2)).first).contains("longer"))
  }

  /// Every prefix of every form, and every form with one byte changed.
  @Test func brokenRecordsNeverTrap() {
    var random = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    for line in RecordText.samples {
      let bytes = Array(line.utf8)
      for end in 0..<bytes.count { _ = Lines.read(Array(bytes[..<end])) }
      for _ in 0..<500 {
        var broken = bytes
        broken[Int.random(in: 0..<broken.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        _ = Lines.read(broken)
      }
    }
  }

  /// What the fuzzer starts from and once found.
  @Test func fuzzedStreams() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fuzz/Regressions/FuzzRecord")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.count >= 6)
    for name in names {
      let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
      let wanted = Lines.numbered(bytes)
      var batcher = LineBatcher()
      var batches = bytes.flatMap { batcher.append([$0]) }
      if let last = batcher.finish() { batches.append(last) }
      let found = batches.flatMap(RecordReader.read)
      #expect(zip(found, wanted).allSatisfy { $0.line == $1.line && $0.reading == $1.reading }, "\(name)")
      #expect(found.count == wanted.count, "\(name)")
    }
  }

  /// However a stream is cut, the same lines come out, and records of one event stay together.
  @Test func cutsDoNotMatter() {
    var random = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    var stream: [UInt8] = []
    for round in 0..<200 {
      let sample = random.pick(RecordText.samples).replacing(":45)", with: ":\(round))")
      stream += Array(sample.utf8) + [0x0A]
      if random.chance(20) { stream.append(0x0A) }
    }
    let wanted = Lines.numbered(stream)
    for _ in 0..<20 {
      var batcher = LineBatcher(size: Int.random(in: 1...4000, using: &random))
      var batches: [LineBatch] = []
      var position = 0
      while position < stream.count {
        let end = min(stream.count, position + Int.random(in: 1...3000, using: &random))
        batches += batcher.append(stream[position..<end])
        if random.chance(10), let batch = batcher.flush(keepingGroup: true) { batches.append(batch) }
        position = end
      }
      if let last = batcher.finish() { batches.append(last) }
      let found = batches.flatMap(RecordReader.read)
      let isComplete = found.map(\.line) == wanted.map(\.line)
      #expect(isComplete)
      let firstWrong = zip(found, wanted).first { $0.reading != $1.reading }
      #expect(firstWrong == nil, "line \(firstWrong?.0.line ?? 0): \(Lines.text(firstWrong?.0.reading))")
    }
  }
}
