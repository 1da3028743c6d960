import Analysis
import Backends
import IR

/// What the BPF matcher makes of events of one subject, by the bytes of the map image that a build would write.
struct BPFAnswer {
  private let image: ProvedImage?
  private let problem: String

  init(_ subject: SubjectPolicy) {
    do throws(ProvedImage.Doubt) {
      image = try ProvedImage(subject)
      problem = ""
    } catch {
      image = nil
      problem = "no map image can be built: " + error.message
    }
  }

  /// `expected` is the policies' verdict.
  func answer(_ event: Event, expected: Verdict) -> EnforcerAnswer {
    guard let image else { return .unknown(enforcer: "BPF", problem) }
    let verdict = image.verdict(event)
    let caution = image.caution(event)
    let reason = image.certainPreset(event).map { "the preset '\($0.rawValue)' covers it" }
    return .known(
      enforcer: "BPF",
      verdict: verdict,
      isExact: verdict == expected,
      reason: verdict == expected ? "" : reason ?? "its map image says so: a fault of armorc",
      notes: caution.isEmpty ? [] : [caution]
    )
  }
}
