package import Automata

extension PathLanguage {
  /// What the strings labelled `wanted` look like, in the fewest and shortest patterns that are found within a budget; nil
  /// if there are none. Strings that are no paths do not matter: `isPath` says by label which are.
  package static func describing(
    _ classifier: Classifier,
    where wanted: (UInt32) -> Bool,
    isPath: (UInt32) -> Bool
  ) -> PathLanguage? {
    nil
  }
}
