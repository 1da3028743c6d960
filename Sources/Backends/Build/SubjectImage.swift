package import IR

/// A subject's map image, and how exact every rule is on it.
package struct SubjectImage: Sendable {
  package let artifact: BPFArtifact
  /// One entry per rule of the subject's policies, in the order of `SubjectBuild.exactness`.
  package let exactness: [RuleExactness]

  /// - Throws: `BuildProblem.image` naming the rules at fault.
  package init(
    _ subject: SubjectPolicy,
    _ table: DecisionTable,
    _ options: BPFBackend.Options = BPFBackend.Options()
  ) throws(BuildProblem) {
    var options = options
    options.visible.formUnion(subject.visibility)
    do throws(ImageProblem) {
      artifact = try BPFBackend.emit(subject, table, options)
    } catch {
      throw .image(error)
    }
    exactness = ImageExactness.labels(
      table,
      conditioned: subject.policies.flatMap(\.rules).filter { $0.condition != nil }
    )
  }
}
