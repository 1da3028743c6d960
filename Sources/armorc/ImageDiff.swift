import Analysis
import Backends
import IR
import Runtime

/// Compares what map images do instead of what the policies say: those of a bundle where a side is one, else those that
/// armorc would build now. Each is proved to say what its policies say, so the changes are the policies' own.
struct ImageDiff: Sendable {
  private let bundles: [BundleSide.Loaded?]

  init(_ sides: DiffSides) { bundles = [sides.old.bundle, sides.new.bundle] }

  /// Which images were compared, for people.
  var notes: [String] {
    zip(["OLD", "NEW"], bundles).map { name, bundle in
      guard let bundle else { return "\(name): map images as armorc would build them now" }
      return bundle.hasImages
        ? "\(name): the bundle's map images"
        : "\(name): map images as armorc would build them now: the bundle holds none"
    }
  }

  func compare(_ pair: SubjectPair, policy: SubjectDiff) -> SubjectDiff {
    var result = policy
    for (name, subject, bundle) in [("OLD", pair.old, bundles[0]), ("NEW", pair.new, bundles[1])] {
      if subject.policies.isEmpty { continue }
      do {
        _ = try ProvedImage(subject, file: try bundle?.image(of: subject))
      } catch let doubt as ProvedImage.Doubt {
        result.problem = "the map image on the side of \(name): \(doubt.message)"
      } catch {
        result.problem = "the map image on the side of \(name): \((error as? Failure)?.message ?? "\(error)")"
      }
    }
    if result.problem != nil { result.entries = [] }
    return result
  }
}
