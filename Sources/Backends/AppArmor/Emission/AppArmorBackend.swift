package import Automata
package import IR

/// Writes AppArmor profiles for a subject.
package enum AppArmorBackend {
  package struct Options: Hashable, Sendable {
    package var floor: Floor
    /// Most globs that replace one rule whose own form would say too much.
    package var coverLimit: Int
    /// Budget of our own automata.
    package var budget: StateBudget
    /// Most states of a profile's automaton by our count. The kernel takes 65,535 of the parser's, which were 3 to 7 more
    /// than ours (for pairs of names in hard links) on everything from 100 to 60,000 states.
    package var stateLimit: Int

    package init(
      floor: Floor = .runtimeDefault,
      coverLimit: Int = 2_000,
      budget: StateBudget = StateBudget(),
      stateLimit: Int = 65_000
    ) {
      self.floor = floor
      self.coverLimit = coverLimit
      self.budget = budget
      self.stateLimit = stateLimit
    }
  }

  /// The profiles of a subject, given its table.
  /// - Throws: `EmissionError` naming the rules for which no profile can be written.
  package static func emit(
    _ subject: SubjectPolicy,
    _ table: DecisionTable,
    _ options: Options = Options()
  ) throws(EmissionError) -> AppArmorArtifact {
    let plan = try LayoutPlan(subject, table)
    let writer = try ProfileSetWriter(subject, table, plan, options)
    let set = try writer.profiles()
    var models: [ProfileAccess] = []
    for profile in set.profiles {
      let model = try ProfileModel.access(profile, budget: options.budget)
      if model.files.stateCount > options.stateLimit {
        throw .states(
          profile: profile.name,
          limit: options.stateLimit,
          rules: StateCost.worst(profile)
        )
      }
      models.append(model)
    }
    return AppArmorArtifact(
      profiles: set,
      header: writer.header,
      models: models,
      floor: subject.subject.isHost ? .none : options.floor,
      labels: plan.labels,
      layoutReason: plan.reason
    )
  }
}

/// The profiles of one subject, and all that is known about them.
package struct AppArmorArtifact: Sendable {
  package let profiles: ProfileSet
  /// What to write.
  package let text: ProfileText
  private let header: [String]
  /// What each profile will answer, `spec.apparmor` left aside; in the order of `profiles`.
  package let models: [ProfileAccess]
  package let floor: Floor
  /// Per source class of the decision table: the profiles in force for its sources once they are executed.
  package let labels: [[String]]
  package let layoutReason: String

  init(
    profiles: ProfileSet,
    header: [String],
    models: [ProfileAccess],
    floor: Floor,
    labels: [[String]],
    layoutReason: String
  ) {
    self.profiles = profiles
    self.header = header
    self.models = models
    self.floor = floor
    self.labels = labels
    self.layoutReason = layoutReason
    text = ProfileText(profiles, header: header)
  }

  /// The same without `spec.apparmor`, about which no verdict is claimed.
  package var textWithoutNative: ProfileText { ProfileText(profiles, header: header, withNative: false) }
  package var layout: ProfileLayout { profiles.layout }

  /// The profile that a container's runtime must enter; of a host the one that attaches to everything.
  package var entryLabel: String { profiles.profiles[0].name }

  /// In the union layout, a label under which the first process has no more rights than it should; but then, under
  /// `no_new_privs`, no source can be executed from it, and not every container runtime takes the name of a stack.
  package var narrowEntryLabel: String? {
    layout == .union ? labels[0].joined(separator: "//&") : nil
  }

  /// The labels that processes have before any transition of the profiles, for `ProfileComparison`.
  package var entries: [ProfileEntry] {
    if layout == .attached {
      // Whatever an unconfined process executes.
      return labels.enumerated().map { ProfileEntry(label: $1, source: $0, isFirstProcess: false) }
    }
    return [ProfileEntry(label: [entryLabel], source: 0, isFirstProcess: true)]
  }
}
