internal import CBpf
internal import Glibc

/// The reading end of a BPF ring buffer. The kernel hands each event to one reader: see `EventLock`.
@safe package struct EventRing: ~Copyable {
  private let ring: OpaquePointer
  private let sink = Sink()
  private let map: BPFMap
  /// Where it is pinned, and which pin that was.
  private let path: String
  private let pin: UInt64

  /// What libbpf's callback writes to.
  private final class Sink {
    var batch = EventBatch()

    func take(_ event: UnsafeRawBufferPointer) -> Int32 {
      unsafe batch.append(event)
      // Libbpf counts this event as taken and stops.
      return batch.isFull ? -ECANCELED : 0
    }
  }

  package init(pinned path: String) throws(NodeError) {
    guard let pin = EventRing.pin(path) else { throw NodeError(.last("open", path)) }
    let map = try BPFMap.open(pinned: path)
    let sink = sink
    // INVARIANT: the sink lives as long as this value, and libbpf calls back only while `read` runs. What is handed in is
    // an event of `size` bytes in the buffer's own memory, which stays until the callback ends.
    let ring = unsafe ring_buffer__new(
      map.descriptor,
      { context, data, size in
        guard let context = unsafe context, let data = unsafe data else { return 0 }
        let sink = unsafe Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
        return unsafe sink.take(UnsafeRawBufferPointer(start: data, count: size))
      },
      Unmanaged.passUnretained(sink).toOpaque(),
      nil
    )
    guard let ring = unsafe ring else {
      throw NodeError("read the ring buffer '\(path)'", SystemError("ring_buffer__new"))
    }
    unsafe self.ring = unsafe ring
    self.map = map
    self.path = path
    self.pin = pin
  }

  /// That of the matcher.
  package init(_ paths: NodePaths) throws(NodeError) { try self.init(pinned: paths.map(EventRing.mapName)) }

  static let mapName = "events"

  /// Whether there is one to read.
  package static func isThere(_ paths: NodePaths) -> Bool { pin(paths.map(mapName)) != nil }

  deinit { unsafe ring_buffer__free(ring) }

  /// Readable when there are events.
  package var descriptor: Int32 { unsafe ring_buffer__epoll_fd(ring) }

  /// What is there, at most a batch; nothing if there is nothing.
  package borrowing func read(into batch: inout EventBatch) throws(NodeError) {
    batch.removeAll()
    swap(&batch, &sink.batch)
    let result = unsafe ring_buffer__consume(ring)
    swap(&batch, &sink.batch)
    guard result >= 0 || result == -ECANCELED || result == -EINTR || result == -EAGAIN else {
      throw NodeError("cannot read the ring buffer '\(path)': \(Errno.words(-result))")
    }
  }

  package enum State { case current, replaced, gone }

  /// Whether the matcher that writes to this ring is still the one that is pinned.
  package var state: State {
    guard let now = EventRing.pin(path) else { return .gone }
    return now == pin ? .current : .replaced
  }

  private static func pin(_ path: String) -> UInt64? {
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { return nil }
    return UInt64(info.st_ino)
  }
}

/// Held by the one process that reads events.
package struct EventLock: ~Copyable {
  private let descriptor: Int32

  package init(_ paths: NodePaths) throws(NodeError) {
    let path = paths.eventLock
    descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_CREAT, 0o600)
    guard descriptor >= 0 else { throw NodeError(.last("open", path)) }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
      var (mine, there) = (stat(), stat())
      // An 'unload' in between has removed the file: another reader would lock another one.
      guard unsafe fstat(descriptor, &mine) != 0 || stat(path, &there) != 0 || mine.st_ino != there.st_ino else {
        return
      }
      _ = close(descriptor)
      throw NodeError("what is loaded on this node was unloaded just now; try again")
    }
    let isTaken = errno == EWOULDBLOCK
    let error = NodeError(.last("lock", path))
    _ = close(descriptor)
    throw isTaken
      ? NodeError(
        "another 'armorc events' reads the events of this node; each event goes to one reader only (\(path) is locked)"
      )
      : error
  }

  deinit { _ = close(descriptor) }
}
