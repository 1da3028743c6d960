import Glibc

/// What one run of a program took, children of its own included.
struct Run {
  /// Seconds.
  let wall: Double
  let cpu: Double
  /// Peak resident set of the largest process, in bytes.
  let memory: Int
  let status: Int32

  /// Runs a program with its output going to a file (or nowhere).
  static func of(_ arguments: [String], output: String = "/dev/null") throws(SystemFailure) -> Run {
    var actions = unsafe posix_spawn_file_actions_t()
    guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { throw SystemFailure("posix_spawn") }
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // The copies are released below; the list ends with nil as posix_spawn wants it.
    let list = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe list.forEach { unsafe free($0) } }
    let start = ContinuousClock.now
    var child: pid_t = 0
    guard unsafe posix_spawnp(&child, arguments[0], &actions, nil, list, environ) == 0 else {
      throw SystemFailure("cannot run \(arguments[0])")
    }
    var status: Int32 = 0
    var usage = rusage()
    while unsafe wait4(child, &status, 0, &usage) < 0 { if errno != EINTR { throw SystemFailure("wait4") } }
    let wall = ContinuousClock.now - start
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Run(
      wall: wall / .seconds(1),
      cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      memory: usage.ru_maxrss * 1024,
      status: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    )
  }

  /// The median of several runs, by wall clock, after one that warms up.
  static func median(_ count: Int, _ arguments: [String]) throws(SystemFailure) -> Run {
    _ = try of(arguments)
    var runs: [Run] = []
    for _ in 0..<count { runs.append(try of(arguments)) }
    return runs.sorted { $0.wall < $1.wall }[count / 2]
  }
}
