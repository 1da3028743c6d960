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

  /// By the image's bytes.
  package func verdict(_ event: Event) -> Verdict { image.decide(event).verdict }

  /// What the matcher cannot see of an event, though the image speaks of it; empty if there is nothing.
  package func caution(_ event: Event) -> String {
    guard case .syscall(let name, _?) = event.access else { return "" }
    let looks = table.rules.contains { rule in
      if case .syscall(let names, _?) = rule.target { names.contains(name) } else { false }
    }
    return looks ? "the path is matched as the program passes it: relative paths and links are not resolved" : ""
  }
}
