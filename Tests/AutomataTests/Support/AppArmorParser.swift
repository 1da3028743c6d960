import Foundation
import Testing

@testable import Automata

/// The installed `apparmor_parser`, as a judge of patterns.
enum AppArmorParser {
  static let path = "/usr/sbin/apparmor_parser"
  static let features = "/usr/share/apparmor-features/features"

  static var isInstalled: Bool {
    FileManager.default.isExecutableFile(atPath: path) && FileManager.default.fileExists(atPath: features)
  }

  /// Compiles one profile per pattern, `"TEXT" r,` (the parser writes profiles in the order of their names). Nil if the parser refuses any of them.
  static func compile(_ texts: [[UInt8]]) throws -> [Classifier]? {
    var source: [UInt8] = []
    for (index, text) in texts.enumerated() {
      source += Array("profile p\(100_000 + index) { \"".utf8) + text + Array("\" r, }\n".utf8)
    }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("armorc-\(UUID().uuidString).aa")
    try Data(source).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["-QKS", "-q", "-M", features, file.path]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let blob = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    var reader = PolicyReader(bytes: blob)
    let automata = try reader.fileAutomata()
    try #require(automata.count == texts.count)
    return automata
  }
}

/// As much of the binary policy format as the tests need.
struct PolicyReader {
  struct Malformed: Error { var at: Int }
  let bytes: [UInt8]
  var at = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, at + count <= bytes.count else { throw Malformed(at: at) }
    defer { at += count }
    return bytes[at..<at + count]
  }

  mutating func little(_ count: Int) throws -> Int { try take(count).reversed().reduce(0) { $0 << 8 | Int($1) } }

  /// The last automaton of every profile: label 1 where the owner may read.
  mutating func fileAutomata() throws -> [Classifier] {
    var result: [Classifier] = []
    var name = ""
    var current: Classifier?
    while at < bytes.count {
      switch try take(1).first ?? 0 {
      case 0: _ = try take(1)
      case 1: _ = try take(2)
      case 2: _ = try take(4)
      case 3: _ = try take(8)
      case 4:
        name = String(decoding: try take(try little(2)).dropLast(), as: UTF8.self)
        if name == "profile" {
          if let current { result.append(current) }
          current = nil
        }
      case 5: _ = try take(try little(2))
      case 6:
        let blob = Array(try take(try little(4)))
        if name == "aadfa" { current = try Self.automaton(blob) }
      case 7, 8, 9, 10, 12: break
      case 11: _ = try take(2)
      default: throw Malformed(at: at)
      }
    }
    if let current { result.append(current) }
    return result
  }

  /// A table-driven automaton: see apparmor's `match.h`.
  static func automaton(_ blob: [UInt8]) throws -> Classifier {
    guard let start = (0..<min(blob.count, 16)).first(where: { blob[$0...].starts(with: [0x1B, 0x5E, 0x78, 0x3D]) })
    else { throw Malformed(at: 0) }
    func big(_ at: Int, _ count: Int) -> Int { blob[at..<at + count].reduce(0) { $0 << 8 | Int($1) } }
    var tables: [Int: [Int]] = [:]
    var at = start + big(start + 4, 4)
    while at + 12 <= blob.count {
      let (id, width, count) = (big(at, 2), big(at + 2, 2), big(at + 8, 4))
      tables[id] = (0..<count).map { big(at + 12 + $0 * width, width) }
      at = start + (at - start + 12 + count * width + 7) / 8 * 8
    }
    let accept = try #require(tables[1])
    let base = try #require(tables[2])
    let check = try #require(tables[3])
    let fallback = try #require(tables[4])
    let next = try #require(tables[8])
    let classes = tables[5] ?? Array(0..<256)
    let width = (classes.max() ?? 0) + 1
    var transitions: [UInt32] = []
    // State 1 is the start: swap it with state 0, the dead one.
    func swapped(_ state: Int) -> Int { state == 0 ? 1 : state == 1 ? 0 : state }
    for row in base.indices {
      for column in 0..<width {
        var state = swapped(row)
        while true {
          let position = base[state] & 0xFFFFFF + column
          if check[position] == state {
            state = next[position]
            break
          }
          let isDifference = base[state] & 0x8000_0000 != 0
          state = fallback[state]
          if !isDifference { break }
        }
        transitions.append(UInt32(swapped(state)))
      }
    }
    return Minimizer.minimize(
      classOfByte: classes.map { UInt8($0) },
      byteClassCount: width,
      transitions: transitions,
      labels: base.indices.map { accept[swapped($0)] & 4 == 0 ? 0 : 1 }
    )
  }
}
