package import Bundle

/// What the compiled matcher answers, held against what the image says in user space.
package struct ProgramVerification: Sendable {
  package struct Difference: Hashable, Sendable {
    package let question: ImageQuestion
    /// What the image says.
    package let expected: ImageAnswer
    /// What the kernel answered.
    package let actual: ImageAnswer
  }

  /// Cells asked with a witness of each.
  package private(set) var witnesses = 0
  /// Generated questions.
  package private(set) var generated = 0
  package let seed: UInt64
  package private(set) var differenceCount = 0
  /// The first of them.
  package private(set) var differences: [Difference] = []

  package var agrees: Bool { differenceCount == 0 }

  /// Differences that are kept.
  private static let kept = 10
  /// Questions that are put together before they are asked.
  private static let chunk = 8192

  /// Asks `matcher` about all cells of an image and about `count` questions drawn from `seed`.
  package init(
    _ image: MapImage,
    _ strings: ImageWitnesses,
    generated count: Int,
    seed: UInt64,
    using matcher: inout CompiledMatcher
  ) throws(NodeError) {
    self.init(seed: seed)
    // The key is any number; the seed's own makes hashes of sources differ from run to run as on nodes.
    let loaded = try matcher.load(image, key: seed ^ 0xCBF2_9CE4_8422_2325)
    var questions: [ImageQuestion] = []
    questions.reserveCapacity(ProgramVerification.chunk)
    func flush(_ result: inout ProgramVerification) throws(NodeError) {
      let answers = try matcher.ask(questions)
      for (question, actual) in zip(questions, answers) {
        result.compare(question, image.answer(question, loaded), actual)
      }
      questions.removeAll(keepingCapacity: true)
    }
    var result = self
    try strings.forEachQuestion(image, loaded) { question throws(NodeError) in
      questions.append(question)
      result.witnesses += 1
      if questions.count == ProgramVerification.chunk { try flush(&result) }
    }
    try flush(&result)
    var draw = QuestionDraw(image, loaded, near: strings, seed: seed)
    while result.generated < count {
      questions.append(draw.question())
      result.generated += 1
      if questions.count == ProgramVerification.chunk { try flush(&result) }
    }
    try flush(&result)
    self = result
  }

  private init(seed: UInt64) { self.seed = seed }

  private mutating func compare(_ question: ImageQuestion, _ expected: ImageAnswer, _ actual: ImageAnswer) {
    if expected == actual { return }
    differenceCount += 1
    if differences.count < ProgramVerification.kept {
      differences.append(Difference(question: question, expected: expected, actual: actual))
    }
  }
}
