package import Alerts
internal import Bundle
internal import CArmor

/// Leads from the numbers in events to subjects and rules: by the maps of the matcher and the files of its generations.
package final class EventSubjects {
  private let paths: NodePaths
  private var known: [Key: AlertSubject] = [:]
  private var manifests: [UInt32: Manifest] = [:]
  /// Why something is not known, said once each.
  package private(set) var notes: [String] = []

  private struct Key: Hashable {
    let domain: UInt32
    let generation: UInt32
  }

  package init(_ paths: NodePaths) { self.paths = paths }

  package func subject(domain: UInt32, generation: UInt32) -> AlertSubject {
    let key = Key(domain: domain, generation: generation)
    if let subject = known[key] { return subject }
    // Generations come and go for as long as this runs.
    if known.count > 4 * Int(ARMOR_MAX_DOMAINS) { known.removeAll() }
    let subject = find(key)
    known[key] = subject
    return subject
  }

  /// What was added to `notes` since the last call.
  package func takeNotes() -> [String] {
    defer { notes.removeAll() }
    return notes
  }

  private func find(_ key: Key) -> AlertSubject {
    do throws(NodeError) {
      guard let name = try name(of: key) else {
        notes.append("domain \(key.domain) of generation \(key.generation) has no name any more")
        return AlertSubject(place: AlertPlace(subject: ""))
      }
      var subject = AlertSubject(place: AlertPlace(subject: name))
      do throws(NodeError) {
        try describe(&subject, key.generation)
      } catch {
        notes.append("what rules of '\(name)' say is not known: \(error.message)")
      }
      return subject
    } catch {
      notes.append("\(error.message)")
      return AlertSubject(place: AlertPlace(subject: ""))
    }
  }

  /// From the bank of that generation, else from the other: a number is one subject's as long as a task has it.
  private func name(of key: Key) throws(NodeError) -> String? {
    guard let matcher = try PinnedMatcher.open(paths) else { return nil }
    let banks = try matcher.readBanks()
    let sorted = banks.sorted { a, _ in a.first?.generation == key.generation }
    for bank in sorted where bank.indices.contains(Int(key.domain)) {
      let name = bank[Int(key.domain)].name
      if !name.isEmpty { return name }
    }
    return nil
  }

  private func describe(_ subject: inout AlertSubject, _ generation: UInt32) throws(NodeError) {
    let name = subject.place.subject
    if manifests[generation] == nil {
      if manifests.count > 4 { manifests.removeAll() }
      manifests[generation] = try GenerationFiles(paths).manifest(of: generation)
    }
    guard let entry = manifests[generation]?.subjects.first(where: { $0.name == name }) else {
      throw NodeError("generation \(generation) does not have it")
    }
    subject.place = AlertPlace(entry)
    guard let artifact = entry.artifacts.first(where: { $0.target == BundleImages.target }) else { return }
    let path = paths.generation(generation) + "/" + artifact.file
    do {
      subject.records = try ImageRecords(try FileAccess.read(path, limit: ImageFile.maximumSize)).records
    } catch let error as FileError {
      throw NodeError(error)
    } catch {
      throw NodeError("'\(path)': \(error)")
    }
  }
}
