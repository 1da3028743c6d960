package import Automata
package import IR

extension PathLanguage {
  /// What the strings labelled `wanted` look like, in the fewest and shortest patterns that are found within a budget; nil
  /// if there are none. Strings that are no paths do not matter: `isPath` says by label which are.
  ///
  /// For several languages of one classifier make one `PathDescriber`.
  package static func describing(
    _ classifier: Classifier,
    where wanted: (UInt32) -> Bool,
    isPath: (UInt32) -> Bool,
    hints: [PathSet] = []
  ) -> PathLanguage? {
    withoutActuallyEscaping(isPath) { isPath in
      PathDescriber(classifier, isPath: isPath, hints: hints).describe(where: wanted)
    }
  }
}
