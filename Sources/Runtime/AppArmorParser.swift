internal import Glibc

/// A mistake that `apparmor_parser` reports.
package struct ParserMessage: Hashable, Sendable {
  /// Line of the profile text, from 1; nil where the parser does not say (conflicts between rules, limits, globs).
  package var line: Int?
  /// The profile at fault, where the parser names it.
  package var profile: String?
  /// The parser's words, one line.
  package var text: String

  package init(line: Int? = nil, profile: String? = nil, text: String) {
    self.line = line
    self.profile = profile
    self.text = text
  }
}

/// Why there is no binary.
package enum ParserFailure: Error, Hashable, Sendable {
  /// The parser refused the text; at least one message.
  case refused([ParserMessage])
  case timedOut(Duration)
  /// More output than `AppArmorParser.outputLimit`.
  case outputTooLong
  /// The parser died, for example for want of memory.
  case crashed(signal: Int32)
  case system(SystemError)
}

/// Runs `apparmor_parser` as a pure function from profile text to binary policy: nothing is loaded, cached or read from
/// its configuration, and the features are ours, not the machine's.
package struct AppArmorParser: Sendable {
  /// Absolute path of the program.
  package let path: String
  /// Contents of the feature file.
  package let features: String

  /// Arguments beyond those that make it hermetic.
  package let options: [String]

  package init(path: String, features: String, options: [String] = AppArmorParser.optimisations) {
    self.path = path
    self.features = features
    self.options = options
  }

  /// Most bytes of a binary. A profile with full automata of 65,535 states takes some 4 MB.
  package static let outputLimit = 256 << 20

  /// The parser on `PATH`, or else where distributions put it; nil if there is none.
  package static func locate(features: String) -> AppArmorParser? {
    Program.path(of: "apparmor_parser", further: ["/usr/sbin", "/sbin", "/usr/local/sbin"])
      .map { AppArmorParser(path: $0, features: features) }
  }

  /// Options that change nothing in the binary but how it comes about.
  ///
  /// `expr-left-simplify` lets the parser factor common *beginnings* first when it simplifies a list of names. The
  /// binary is the same byte for byte (the automaton is minimised anyway), but the default, which starts at the ends,
  /// is quadratic for names that begin alike: 5,000 names `/srv/app/data/fileNNNNN.conf` take 1.3 s instead of 12.6 s,
  /// random names the same 2 s per 2,000 either way. `no-expr-simplify` lies between (4.4 s) and loses on others, so
  /// there is nothing to choose adaptively. Leaving out `minimize` would halve the time for random names but makes
  /// larger automata, up to 250 times.
  package static let optimisations = ["-O", "expr-left-simplify"]

  /// Everything but the text: no configuration file; our features for kernel and policy, even where the text has an
  /// `abi` rule (which would drop network rules silently); no kernel; no cache; binary to standard output; no second
  /// process (so killing one is enough); no warnings.
  package static let arguments =
    ["--config-file", "/dev/null", "--kernel-features", "/dev/fd/3", "--override-policy-abi", "/dev/fd/3"]
    + ["--skip-kernel-load", "--skip-cache", "--stdout", "--jobs=0", "--quiet"]

  /// Compiles profiles; the result holds the binaries of all of them, children after their parents, one after another.
  ///
  /// Deterministic for one version of the parser. Files that the text includes are looked for in `/etc/apparmor.d`.
  package func compile(_ text: [UInt8], timeout: Duration = .seconds(120)) throws(ParserFailure) -> [UInt8] {
    let result = try run(Self.arguments + options, text, timeout)
    guard result.ending == .exited(0) else {
      let messages = Self.messages(in: result.errors)
      throw .refused(messages.isEmpty ? [ParserMessage(text: "apparmor_parser gave no reason")] : messages)
    }
    return result.output
  }

  /// The names of all profiles in a text, children as `parent//child`.
  package func names(in text: [UInt8], timeout: Duration = .seconds(120)) throws(ParserFailure) -> [String] {
    let arguments = ["--config-file", "/dev/null", "--kernel-features", "/dev/fd/3", "--names", "--quiet"]
    let result = try run(arguments, text, timeout)
    guard result.ending == .exited(0) else {
      let messages = Self.messages(in: result.errors)
      throw .refused(messages.isEmpty ? [ParserMessage(text: "apparmor_parser gave no reason")] : messages)
    }
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The version that the parser states, such as `3.0.8`.
  package func version() throws(ParserFailure) -> String {
    let result = try run(["--config-file", "/dev/null", "--version"], [], .seconds(10))
    let line = String(decoding: result.output, as: UTF8.self).split(separator: "\n").first ?? ""
    guard let version = line.split(separator: " ").last, version.first?.isNumber == true else {
      throw .refused([ParserMessage(text: "apparmor_parser states no version")])
    }
    return String(version)
  }

  private func run(_ arguments: [String], _ input: [UInt8], _ timeout: Duration) throws(ParserFailure)
    -> ChildProcess.Result
  {
    let result: ChildProcess.Result
    do throws(SystemError) {
      result = try ChildProcess.run(
        path,
        arguments,
        environment: ["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
        input: input,
        further: Array(features.utf8),
        temporaryDirectory: Program.temporaryDirectory,
        limits: ChildProcess.Limits(timeout: timeout, output: Self.outputLimit)
      )
    } catch {
      throw .system(error)
    }
    switch result.ending {
    case .timedOut: throw .timedOut(timeout)
    case .outputTooLong, .stopped: throw .outputTooLong
    case .killed(let signal): throw .crashed(signal: signal)
    case .exited: return result
    }
  }
}
