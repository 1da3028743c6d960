package import IR

/// What was chosen for a build and has a say in the artifacts.
package struct BuildOptions: Hashable, Sendable {
  package var apparmor: AppArmorBackend.Options
  package var budget: TableBudget
  package init(apparmor: AppArmorBackend.Options = AppArmorBackend.Options(), budget: TableBudget = TableBudget()) {
    self.apparmor = apparmor
    self.budget = budget
  }
}

/// A subject with everything that was made for it.
package struct SubjectBuild: Sendable {
  package let subject: SubjectPolicy
  package let table: DecisionTable
  /// `DecisionTable.meaning`, canonical.
  package let meaning: [UInt8]
  package let apparmor: AppArmorArtifact
  /// Between the table and the model of the profiles; empty when every rule is exact.
  package let differences: [ProfileDifference]
  /// One entry per rule of the subject's policies.
  package let exactness: [RuleExactness]

  /// Compiles one subject: table, profiles, and how exact every rule is. Pure.
  package init(_ subject: SubjectPolicy, _ options: BuildOptions = BuildOptions()) throws(BuildProblem) {
    self.subject = subject
    do throws(TableBudgetError) {
      table = try DecisionTable(subject, budget: options.budget)
    } catch {
      throw .table(error)
    }
    meaning = table.meaning
    let floor: ProfileAccess?
    do throws(EmissionError) {
      apparmor = try AppArmorBackend.emit(subject, table, options.apparmor)
      floor = try apparmor.floor.access(budget: options.budget.states)
    } catch {
      throw .emission(error)
    }
    do throws(ComparisonError) {
      differences = try ProfileComparison(
        table: table,
        profiles: apparmor.models,
        floor: floor,
        budget: options.budget.states
      ).differences(from: apparmor.entries)
    } catch {
      throw .comparison(error)
    }
    exactness = ProfileExactness.labels(
      table,
      subject,
      differences: differences
    )
  }
}

/// Why nothing could be built for a subject.
package enum BuildProblem: Error, Hashable, Sendable {
  case table(TableBudgetError)
  case emission(EmissionError)
  case comparison(ComparisonError)
  case image(ImageProblem)
}
