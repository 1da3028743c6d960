internal import Glibc
internal import Synchronization

/// One run of a program, from start to end: bytes in, bytes out, a time limit. No shell, no process left behind.
///
/// What the child reads lies in nameless files, so nothing has to be fed to it, and a child that does not read cannot
/// raise SIGPIPE here. What it writes comes through two pipes that are polled together, so neither can fill up while
/// the other is waited for.
enum ChildProcess {
  struct Limits {
    /// Wall clock; then the child is killed.
    var timeout: Duration
    /// Most bytes of standard output and of standard error, each; then the child is killed.
    var output: Int
  }

  struct Result {
    enum Ending: Hashable {
      case exited(Int32)
      case killed(signal: Int32)
      case timedOut
      case outputTooLong
      /// The receiver wanted no more.
      case stopped
    }
    var ending: Ending
    var output: [UInt8]
    var errors: [UInt8]
  }

  /// Takes what the child writes to standard output, piece by piece; false: enough, the child is killed.
  typealias Receiver = (ArraySlice<UInt8>) -> Bool

  /// Runs the program at the absolute path with these arguments (without its own name) and exactly this environment
  /// (`NAME=value`). The child finds `input` as its standard input and `further` as descriptor 3. With a `receiver`,
  /// `output` of the result stays empty, and its limit is that of standard error alone.
  static func run(
    _ path: String,
    _ arguments: [String],
    environment: [String],
    input: [UInt8],
    further: [UInt8],
    temporaryDirectory: String,
    limits: Limits,
    receiver: Receiver? = nil
  ) throws(SystemError) -> Result {
    let deadline = ContinuousClock.now.advanced(by: limits.timeout)
    let inputFile = try Descriptor.file(holding: input, in: temporaryDirectory)
    let furtherFile = try Descriptor.file(holding: further, in: temporaryDirectory)
    var output = try Pipe.open()
    var errors = try Pipe.open()
    let plan = [
      (inputFile.number, Int32(0)), (output.writerNumber, 1), (errors.writerNumber, 2), (furtherFile.number, 3),
    ]
    let child = try descriptorGate.withLock { _ throws(SystemError) in
      try spawn(path, arguments, environment, plan)
    }
    extendLifetime(inputFile)
    extendLifetime(furtherFile)
    // The pipes end when the child's copies are gone too.
    output.closeWriter()
    errors.closeWriter()

    var result = Result(ending: .timedOut, output: [], errors: [])
    do throws(SystemError) {
      if let early = try collect(output.reader, errors.reader, deadline, limits, receiver, &result) {
        result.ending = early
        _ = try end(child, killing: true, deadline)
      } else {
        result.ending = try end(child, killing: false, deadline)
      }
    } catch {
      _ = try end(child, killing: true, deadline)
      throw error
    }
    return result
  }

  /// How often a busy program is tried, 10 ms apart.
  private static let busyAttempts = 100

  /// Starts the program with its descriptors; everything else of ours is close-on-exec.
  private static func spawn(_ path: String, _ arguments: [String], _ environment: [String], _ plan: [(Int32, Int32)])
    throws(SystemError) -> pid_t
  {
    var actions = unsafe posix_spawn_file_actions_t()
    // The three structures below are initialised by the calls that follow and released on every way out.
    guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { throw SystemError("posix_spawn", ENOMEM) }
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    var attributes = posix_spawnattr_t()
    guard unsafe posix_spawnattr_init(&attributes) == 0 else { throw SystemError("posix_spawn", ENOMEM) }
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    var problem = unsafe posix_spawnattr_setsigmask(&attributes, &none)
    if problem == 0 { problem = unsafe posix_spawnattr_setsigdefault(&attributes, &all) }
    if problem == 0 {
      let flags = Int16(truncatingIfNeeded: POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
      problem = unsafe posix_spawnattr_setflags(&attributes, flags)
    }
    for (source, target) in plan where problem == 0 {
      problem = unsafe posix_spawn_file_actions_adddup2(&actions, source, target)
    }
    guard problem == 0 else { throw SystemError("posix_spawn", problem) }
    var child: pid_t = 0
    // A program that was just written is busy while a child that another thread forked in that moment still holds the
    // descriptor it was written through; that child is about to execute, which closes it.
    for attempt in 1...busyAttempts {
      problem = unsafe withCStrings([path] + arguments) { arguments in
        unsafe withCStrings(environment) { environment in
          unsafe posix_spawn(&child, path, &actions, &attributes, arguments, environment)
        }
      }
      guard problem == ETXTBSY, attempt < busyAttempts else { break }
      usleep(10_000)
    }
    guard problem == 0 else { throw SystemError("posix_spawn", problem) }
    return child
  }

  /// Reads both pipes to their end. Returns why it stopped early, if it did.
  private static func collect(
    _ output: borrowing Descriptor,
    _ errors: borrowing Descriptor,
    _ deadline: ContinuousClock.Instant,
    _ limits: Limits,
    _ receiver: Receiver?,
    _ result: inout Result
  ) throws(SystemError) -> Result.Ending? {
    var polls = [output.number, errors.number].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    // A negative descriptor is one that has ended; poll(2) passes over it.
    while polls.contains(where: { $0.fd >= 0 }) {
      let left = milliseconds(until: deadline)
      guard left > 0 else { return .timedOut }
      // The count is that of the array.
      let ready = unsafe poll(&polls, nfds_t(polls.count), left)
      if ready < 0 {
        guard errno == EINTR else { throw SystemError("poll") }
        continue
      }
      for index in polls.indices where polls[index].fd >= 0 && polls[index].revents != 0 {
        let count = index == 0 ? try output.readSome(&buffer) : try errors.readSome(&buffer)
        if count == 0 { polls[index].fd = -1 }
        if index == 0, let receiver {
          guard count == 0 || receiver(buffer[..<count]) else { return .stopped }
          continue
        }
        if index == 0 { result.output += buffer[..<count] } else { result.errors += buffer[..<count] }
        if max(result.output.count, result.errors.count) > limits.output { return .outputTooLong }
      }
    }
    return nil
  }

  /// Waits for the child, which is killed at the deadline, or at once. Never leaves a zombie.
  private static func end(_ child: pid_t, killing: Bool, _ deadline: ContinuousClock.Instant) throws(SystemError)
    -> Result.Ending
  {
    var isKilled = killing
    if killing { _ = kill(child, SIGKILL) }
    var status: Int32 = 0
    while true {
      // Once killed, the child ends soon; until then it is asked for every 2 ms.
      let ended = unsafe waitpid(child, &status, isKilled ? 0 : WNOHANG)
      if ended == child { break }
      if ended < 0, errno != EINTR { throw SystemError("waitpid") }
      if ended == 0, !isKilled {
        if milliseconds(until: deadline) == 0 {
          isKilled = true
          _ = kill(child, SIGKILL)
        } else {
          _ = poll(nil, 0, 2)
        }
      }
    }
    let signal = status & 0x7f
    if isKilled, !killing, signal == SIGKILL { return .timedOut }
    return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
  }

  private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { return 0 }
    // At least 1, so that a moment is not taken for nothing; at most an hour, after which poll(2) is asked again.
    return Int32(min(max(left / .milliseconds(1), 1), 3_600_000))
  }

  /// Calls `body` with a NULL-terminated array of C strings, valid during the call.
  private static func withCStrings(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> Int32 {
    var characters: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
      offsets.append(characters.count)
      characters += string.utf8CString
    }
    return unsafe characters.withUnsafeMutableBufferPointer { buffer in
      // Every offset is inside the buffer and starts a string that ends with NUL before the next one.
      let pointers = unsafe offsets.map { offset in unsafe buffer.baseAddress.map { unsafe $0 + offset } } + [nil]
      return unsafe pointers.withUnsafeBufferPointer { list in
        guard let base = list.baseAddress else { return EINVAL }
        return unsafe body(base)
      }
    }
  }
}
