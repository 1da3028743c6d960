import Alerts
import CBpf
import Foundation
import IR
import Testing

@testable import Runtime

/// A real ring buffer, filled by a program that the kernel runs, where this process may do that.
@Suite(.enabled(if: ScratchRing.isPossible, "bpf() and mount() are not permitted here"), .serialized)
struct EventRingTests {
  @Test func everyEventComesInOrder() throws {
    let scratch = try ScratchRing(bytes: 1 << 22)
    let ring = try EventRing(pinned: scratch.path)
    var batch = EventBatch()
    try ring.read(into: &batch)
    #expect(batch.isEmpty)
    let event = Samples.event(.open, .file, path: "/etc/shadow").encoded
    #expect(try scratch.emit(event, times: 10_000) == 10_000)
    var count = 0
    var batches = 0
    repeat {
      try ring.read(into: &batch)
      for index in 0..<batch.count {
        #expect(Array(batch[index]) == event)
        count += 1
      }
      batches += 1
    } while !batch.isEmpty
    #expect(count == 10_000)
    // In pieces, and none is lost where one ends.
    #expect(batches > 2)
  }

  @Test func whatIsFullLosesEvents() throws {
    let scratch = try ScratchRing(bytes: 1 << 16)
    let ring = try EventRing(pinned: scratch.path)
    let event = Samples.event(.open, .file, path: "/etc/shadow").encoded
    let kept = try scratch.emit(event, times: 10_000)
    #expect(kept > 100 && kept < 1000)
    var batch = EventBatch()
    try ring.read(into: &batch)
    #expect(batch.count == kept)
  }

  @Test func isReadableWhenThereAreEvents() throws {
    let scratch = try ScratchRing(bytes: 1 << 16)
    let ring = try EventRing(pinned: scratch.path)
    var wanted = pollfd(fd: ring.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(unsafe poll(&wanted, 1, 0) == 0)
    _ = try scratch.emit(Samples.event(.exec, .process, .exec, path: "/bin/sh").encoded, times: 1)
    #expect(unsafe poll(&wanted, 1, 10_000) == 1)
  }

  @Test func aNewMatcherIsNoticed() throws {
    let scratch = try ScratchRing(bytes: 1 << 16)
    let ring = try EventRing(pinned: scratch.path)
    #expect(ring.state == .current)
    unsafe unlink(scratch.path)
    #expect(ring.state == .gone)
    try scratch.pin()
    #expect(ring.state == .replaced)
  }

  @Test func oneReaderOnly() throws {
    let scratch = try ScratchRing(bytes: 1 << 16)
    let paths = NodePaths(pins: scratch.directory.path, state: scratch.directory.path + "/run")
    _ = unsafe mkdir(paths.state, 0o700)
    let first = try EventLock(paths)
    #expect(throws: NodeError.self) { _ = try EventLock(paths) }
    extendLifetime(first)
  }
}

/// A ring buffer in a BPF file system of its own, and a program that writes to it.
final class ScratchRing {
  static let isPossible: Bool = {
    guard geteuid() == 0, let ring = try? ScratchRing(bytes: 1 << 16) else { return false }
    return (try? ring.emit([1], times: 1)) == 1
  }()

  let directory: URL
  var path: String { directory.path + "/bpf/events" }
  private let ring: Int32
  private let value: Int32

  init(bytes: UInt32) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("armorc-ring-\(UUID().uuidString)")
    let bpf = directory.path + "/bpf"
    try FileManager.default.createDirectory(atPath: bpf, withIntermediateDirectories: true)
    ring = unsafe bpf_map_create(BPF_MAP_TYPE_RINGBUF, "test_ring", 0, 0, bytes, nil)
    value = unsafe bpf_map_create(BPF_MAP_TYPE_ARRAY, "test_value", 4, 1024, 1, nil)
    guard ring >= 0, value >= 0, unsafe mount("bpf", bpf, "bpf", 0, nil) == 0 else {
      try? FileManager.default.removeItem(at: directory)
      throw NodeError("make a ring buffer", SystemError("bpf"))
    }
    try pin()
  }

  deinit {
    close(ring)
    close(value)
    unsafe umount2(directory.path + "/bpf", Int32(MNT_DETACH))
    try? FileManager.default.removeItem(at: directory)
  }

  func pin() throws {
    guard unsafe bpf_obj_pin(ring, path) == 0 else { throw NodeError("pin", SystemError("bpf(BPF_OBJ_PIN)")) }
  }

  /// Writes an event so often, as fast as the kernel can.
  /// - Returns: how many had room.
  func emit(_ event: [UInt8], times: Int) throws -> Int {
    var key: UInt32 = 0
    let padded = event + [UInt8](repeating: 0, count: 1024 - event.count)
    guard unsafe bpf_map_update_elem(value, &key, padded, 0) == 0 else { throw NodeError("write", SystemError("bpf")) }
    // bpf_map_lookup_elem(value, &zero), then bpf_ringbuf_output(ring, found, size, 0), counted in the packet's mark.
    func word(_ code: UInt64, _ to: UInt64 = 0, _ from: UInt64 = 0, _ offset: Int16 = 0, _ number: Int32 = 0) -> UInt64
    {
      code | to << 8 | from << 12 | UInt64(UInt16(bitPattern: offset)) << 16 | UInt64(UInt32(bitPattern: number)) << 32
    }
    let program: [UInt64] = [
      word(0x62, 10, 0, -4, 0), word(0xBF, 2, 10), word(0x07, 2, 0, 0, -4), word(0x18, 1, 1, 0, value), 0,
      word(0x85, 0, 0, 0, 1), word(0x15, 0, 0, 7, 0), word(0xBF, 2, 0), word(0x18, 1, 1, 0, ring), 0,
      word(0xB7, 3, 0, 0, Int32(event.count)), word(0xB7, 4), word(0x85, 0, 0, 0, 130), word(0x95),
      word(0xB7, 0, 0, 0, -1), word(0x95),
    ]
    // The words are instructions, 8 bytes each.
    let loaded = unsafe program.withUnsafeBytes {
      unsafe bpf_prog_load(
        BPF_PROG_TYPE_SCHED_CLS,
        "test_emit",
        "GPL",
        unsafe $0.baseAddress?.assumingMemoryBound(to: bpf_insn.self),
        program.count,
        nil
      )
    }
    guard loaded >= 0 else { throw NodeError("load", SystemError("bpf(BPF_PROG_LOAD)")) }
    defer { close(loaded) }
    var kept = 0
    let packet = [UInt8](repeating: 0, count: 64)
    for _ in 0..<times {
      var options = unsafe bpf_test_run_opts()
      unsafe options.sz = MemoryLayout<bpf_test_run_opts>.size
      let result = unsafe packet.withUnsafeBytes { data in
        unsafe options.data_in = data.baseAddress
        unsafe options.data_size_in = 64
        unsafe options.repeat = 1
        return unsafe bpf_prog_test_run_opts(loaded, &options)
      }
      guard result == 0 else { throw NodeError("run", SystemError("bpf(BPF_PROG_TEST_RUN)")) }
      if unsafe options.retval == 0 { kept += 1 }
    }
    return kept
  }
}
