import Analysis
import IR

/// Compares what the artifacts of an enforcer do instead of what the policies say. A placeholder.
enum EnforcerDiff {
  static func compare(_ pairs: [SubjectPair], _ enforcer: EnforcerArgument, jobs: Int) throws -> [SubjectDiff] {
    throw Failure("'--enforcer \(enforcer.rawValue)' is not there yet")
  }
}
