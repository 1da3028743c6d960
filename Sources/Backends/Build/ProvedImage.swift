import Bundle
package import IR

/// A map image that says what its subject's policies say, proved by automata: its answers are the policies' and the
/// matcher's alike.
package struct ProvedImage: Sendable {
  package let table: DecisionTable
  private let image: MapImage

  /// Why there is no such image. One line, lower case, no final period.
  package struct Doubt: Error, Hashable, Sendable {
    package let message: String
    package init(_ message: String) { self.message = message }
  }

  /// - Parameters:
  ///   - subject: whose image it is.
  ///   - file: `bpf.img` of a bundle; nil: the image is built now.
  /// - Throws: `Doubt`.
  package init(_ subject: SubjectPolicy, file: [UInt8]? = nil) throws(Doubt) {
    do throws(TableBudgetError) {
      table = try DecisionTable(subject)
    } catch {
      throw Doubt(BuildProblem.table(error).message)
    }
    let bytes: [UInt8]
    if let file {
      bytes = file
    } else {
      do throws(BuildProblem) {
        bytes = try SubjectImage(subject, table).artifact.bytes
      } catch {
        throw Doubt(error.message)
      }
    }
    do throws(ImageError) {
      image = try ImageReader.read(bytes)
    } catch {
      throw Doubt("it is no map image: \(error)")
    }
    let verification: ImageVerification
    do {
      verification = try ImageVerification(
        image,
        table,
        subject: file == nil ? subject.name : image.subject,
        presets: subject.decidingPresets,
        visible: subject.visibility
      )
    } catch {
      throw Doubt("comparing it with the policies: \(error)")
    }
    if let first = verification.differences.first {
      throw Doubt(
        "'\(first.witness)' is \(first.actual.verdict.name) in it and \(first.expected.verdict.name) by the policies"
      )
    }
    if let first = verification.defects.first { throw Doubt(first) }
  }

  /// By the image's bytes; a preset that covers the event for certain is asked as well.
  package func verdict(_ event: Event) -> Verdict {
    let verdict = image.decide(event).verdict
    guard let preset = certainPreset(event) else { return verdict }
    return max(verdict, image.cell(preset).verdict) { $0.rawValue < $1.rawValue }
  }

  private func max(_ a: Verdict, _ b: Verdict, by isLess: (Verdict, Verdict) -> Bool) -> Verdict {
    isLess(a, b) ? b : a
  }

  /// The preset that covers an event whatever else is true of it.
  package func certainPreset(_ event: Event) -> Preset? {
    guard case .path(.exec, let path) = event.access, image.cell(.filelessExec).verdict != .allow,
      path.isBelow(ProvedImage.sharedMemory) || path.isBelow(ProvedImage.runtimeSharedMemory)
    else { return nil }
    return .filelessExec
  }

  private static let sharedMemory = BytePath("/dev/shm") ?? .root
  private static let runtimeSharedMemory = BytePath("/run/shm") ?? .root

  /// Presets that may cover a path of proc, depending on whose process it is.
  private func presetOfProcess(_ path: BytePath) -> Preset? {
    let parts = path.bytes.split(separator: UInt8(ascii: "/"))
    guard parts.count >= 2, parts[0].elementsEqual("proc".utf8),
      parts[1].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    if image.cell(.protectProc).verdict != .allow { return .protectProc }
    let isEnvironment = parts.last.map { $0.elementsEqual("environ".utf8) } ?? false
    return isEnvironment && image.cell(.protectEnv).verdict != .allow ? .protectEnv : nil
  }

  /// What the matcher cannot see of an event, though the image speaks of it, or asks besides; empty if there is nothing.
  package func caution(_ event: Event) -> String {
    if case .path(let operation, let path) = event.access, operation != .exec, let preset = presetOfProcess(path) {
      let does = image.cell(preset).verdict == .block ? "blocks" : "audits"
      return "of another process than the actor's own, the preset '\(preset.rawValue)' \(does) it"
    }
    guard case .syscall(let name, _?) = event.access else { return "" }
    let looks = table.rules.contains { rule in
      if case .syscall(let names, _?) = rule.target { names.contains(name) } else { false }
    }
    return looks ? "the path is matched as the program passes it: relative paths and links are not resolved" : ""
  }
}
