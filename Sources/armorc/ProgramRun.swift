import Bundle
import Runtime
import Synchronization

/// The compiled matcher as `verify` runs it: one for all subjects, one subject at a time.
final class ProgramRun: Sendable {
  enum Outcome: Sendable {
    case ran(ProgramVerification)
    /// Why it did not.
    case notRun
    /// It ran, and broke off.
    case failed(String)
  }

  /// Why the program is not run; nil if it is.
  let reason: String?
  let events: Int
  let seed: UInt64
  private let matcher: Mutex<Holder>

  /// A `Mutex` holds no optional of what cannot be copied.
  private struct Holder: ~Copyable {
    var matcher: CompiledMatcher?
  }

  /// - Throws: `Failure` if it has to run and cannot.
  init(_ use: VerifyCommand.ProgramUse, events: Int, seed: UInt64) throws {
    self.events = events
    self.seed = seed
    var obstacle = use == .never ? "not asked for" : CompiledMatcher.obstacle
    var loaded: CompiledMatcher?
    if obstacle == nil {
      do throws(NodeError) {
        loaded = try CompiledMatcher()
      } catch {
        // An older kernel, or a locked one: what can be proved without it still is.
        obstacle = error.message
      }
    }
    if let obstacle, use == .always { throw Failure("cannot run the compiled matcher: \(obstacle)") }
    reason = obstacle
    matcher = Mutex(Holder(matcher: loaded))
  }

  func run(_ image: MapImage, _ witnesses: ImageWitnesses) -> Outcome {
    if reason != nil { return .notRun }
    return matcher.withLock { holder in
      guard var one = holder.matcher.take() else { return .notRun }
      let outcome: Outcome
      do throws(NodeError) {
        outcome = .ran(try ProgramVerification(image, witnesses, generated: events, seed: seed, using: &one))
      } catch {
        outcome = .failed(error.message)
      }
      holder.matcher = consume one
      return outcome
    }
  }
}
