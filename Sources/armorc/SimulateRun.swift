import Analysis
import Backends
import Diagnostics
import Frontend
import Glibc
import IR
import Runtime

/// The work of `simulate`: policies once, then the events in batches, in constant memory.
struct SimulateRun {
  private let command: SimulateCommand
  private let replay: Replay
  private let writer: SimulateWriter

  /// Batches that are worked on at a time, per thread.
  private static let batchesPerJob = 4
  /// Bytes of a batch, about.
  private static let batchSize = 1 << 18
  /// How long a pipe may be silent before lines that could belong to the next ones are given out, in milliseconds.
  private static let patience: Int32 = 100

  init(_ command: SimulateCommand) throws {
    self.command = command
    // `validate` has read it once and said what was wrong with it.
    let query = command.subject.flatMap { try? SubjectQuery(parsing: $0) }
    let sides = try SimulateRun.sides(command)
    let now = WorkloadRulings(sides.now, standard: query, matcher: SimulateRun.matcher(command.enforcer, sides.bundle))
    if case .name(let name)? = query, let complaint = now.check(standard: name) {
      throw Failure("no subject is called '\(name)': \(complaint)")
    }
    let before = sides.old.map {
      WorkloadRulings($0, standard: query, matcher: SimulateRun.matcher(command.enforcer, sides.oldBundle))
    }
    replay = Replay(now, against: before)
    writer = SimulateWriter(
      isJSON: command.format == .json,
      isSummary: command.summary,
      isComparison: command.against != nil,
      showsUnparsed: command.showUnparsed,
      isColoured: command.format == .text && Terminal.wantsColour
    )
  }

  /// What the policies of now say, and those of before where they are asked for. Policies with errors have no meaning:
  /// they are shown, and nothing is simulated.
  private static func sides(
    _ command: SimulateCommand
  ) throws -> (now: PolicySide, old: PolicySide?, bundle: BundleSide.Loaded?, oldBundle: BundleSide.Loaded?) {
    let options = command.options
    guard let against = command.against else {
      if command.paths.count == 1, let path = command.paths.first, BundleSide.isBundle(path) {
        guard options.base == nil, options.postures == PartialPostures() else {
          throw Failure("'\(path)' is a bundle: it has postures and a base list of its own (--posture, --base)")
        }
        let bundle = try BundleSide.load(path, jobs: options.jobCount)
        return (bundle.side, nil, bundle, nil)
      }
      return (try side(command.paths, options), nil, nil, nil)
    }
    guard command.paths.count == 1, let path = command.paths.first else {
      guard FileAccess.kind(of: against) != .missing || against == "-" else {
        throw Failure("cannot read '\(against)': no such file or directory (a git revision goes with one PATH)")
      }
      return (try side(command.paths, options), try side([against], options), nil, nil)
    }
    do {
      let both = try DiffSides(
        SideArguments([against, path]),
        DiffSides.Options(
          postures: [options.postures, options.postures],
          bases: [options.base?.list, options.base?.list],
          keepGoing: false,
          jobs: options.jobCount
        )
      )
      for note in both.notes { Terminal.note(note) }
      return (both.new.policies, both.old.policies, both.new.bundle, both.old.bundle)
    } catch let errors as SideErrors {
      Terminal.error(errors.text(colour: Terminal.wantsErrorColour, width: Terminal.width))
      throw ExitStatus.failure.code
    }
  }

  /// Asks map images: the bundle's own where it has one for just these policies, else those that armorc would build now.
  private static func matcher(
    _ enforcer: SimulateCommand.Enforcer?,
    _ bundle: BundleSide.Loaded?
  ) -> WorkloadRulings.MatcherOfSubject? {
    guard enforcer != nil else { return nil }
    return { subject in
      do {
        let image = try ProvedImage(subject, file: try bundle?.image(like: subject))
        return .success { image.verdict($0) }
      } catch let doubt as ProvedImage.Doubt {
        return .failure(WorkloadRulings.MatcherProblem("no map image for it: \(doubt.message)"))
      } catch {
        return .failure(WorkloadRulings.MatcherProblem((error as? Failure)?.message ?? "\(error)"))
      }
    }
  }

  private static func side(_ paths: [String], _ options: PolicyOptions) throws -> PolicySide {
    let loaded = Loading.load(try InputFiles(paths).read(jobs: options.jobCount), jobs: options.jobCount)
    let errors =
      (loaded.diagnostics.filter { $0.severity == .error } + BuildRun.duplicates(loaded.policies)).inOrder()
    guard errors.isEmpty else {
      Terminal.error(ConciseRenderer.render(Array(errors.prefix(20)), loaded.sourceMap))
      let rest = errors.count > 20 ? " (20 of \(errors.count) are shown)" : ""
      throw Failure("the policies have errors\(rest); 'armorc lint' explains them")
    }
    return PolicySide(
      policies: loaded.policies.map(\.policy),
      context: loaded.clusterContext(postures: options.postures),
      base: options.base?.list
    )
  }

  func run() throws -> ReplayTally {
    var tally = ReplayTally()
    for name in command.events {
      do throws(FileError) { try replay(name, into: &tally) } catch { throw Failure("\(error)") }
    }
    writer.finish(tally)
    return tally
  }

  private func replay(_ name: String, into tally: inout ReplayTally) throws(FileError) {
    let stream = try EventStream(name)
    let progress = SimulateProgress(size: stream.size)
    let jobs = command.options.jobCount
    let file = command.events.count > 1 ? name : nil
    var batcher = LineBatcher(size: SimulateRun.batchSize)
    var isAtEnd = false
    var read = 0
    while !isAtEnd {
      var batches: [LineBatch] = []
      while batches.count < jobs * SimulateRun.batchesPerJob {
        // Of a pipe only what is there: an event is answered when it comes, not when a batch is full.
        if !stream.isReady(within: 0) {
          if let batch = batcher.flush(keepingGroup: true) { batches.append(batch) }
          if !batches.isEmpty { break }
          if !stream.isReady(within: SimulateRun.patience), let batch = batcher.flush(keepingGroup: false) {
            batches.append(batch)
            break
          }
        }
        let chunk = try stream.read(upTo: SimulateRun.batchSize)
        if chunk.isEmpty {
          isAtEnd = true
          if let batch = batcher.finish() { batches.append(batch) }
          break
        }
        read += chunk.count
        batches += batcher.append(chunk[...])
      }
      let results = parallelMap(batches, jobs: jobs) { [replay, writer] batch in
        var counts = BatchTally(file: file)
        var text: [UInt8] = []
        for (number, line) in replay.replay(batch) {
          counts.add(number, line)
          writer.write(number, line, file: file, into: &text)
        }
        return (counts.finished(), text)
      }
      for (part, text) in results {
        tally.add(part)
        if !text.isEmpty {
          progress.clear()
          Terminal.print(String(decoding: text, as: UTF8.self))
        }
      }
      progress.show(read: read, events: tally.lines)
    }
    progress.clear()
  }
}

/// How far a stream is, on standard error; only on a terminal, only after a second.
private struct SimulateProgress {
  private let started = ContinuousClock.now
  private let isShown = isatty(STDERR_FILENO) == 1 && Terminal.environment("TERM") != "dumb"
  /// Of the stream in bytes, if it has an end.
  let size: Int?

  init(size: Int?) { self.size = size }

  func show(read: Int, events: Int) {
    let seconds = started.duration(to: .now) / .seconds(1)
    guard isShown, seconds > 1 else { return }
    let rate = "\(ByteCount.text(read)), \(events) lines, \(Int(Double(events) / seconds)) a second"
    guard let size, size > 0 else { return Terminal.rawError("\r\u{1B}[Kreplaying \(rate)") }
    let done = min(20, read * 20 / size)
    let bar = String(repeating: "#", count: done) + String(repeating: "-", count: 20 - done)
    Terminal.rawError("\r\u{1B}[Kreplaying [\(bar)] \(min(100, read * 100 / size)) % \(rate)")
  }

  func clear() { if isShown { Terminal.rawError("\r\u{1B}[K") } }
}
