package import Alerts
internal import Bundle
internal import CArmor

/// Leads from the numbers in events to subjects and rules: by the maps of the matcher and the files of its generations.
package final class EventSubjects {
  private let paths: NodePaths
  private var known: [Key: AlertSubject] = [:]
  private var manifests: [UInt32: Manifest] = [:]
  /// By generation: the subject of each domain.
  private var names: [UInt32: [String]] = [:]
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
    if names[key.generation] == nil { try readNames(of: key.generation) }
    guard let names = names[key.generation], names.indices.contains(Int(key.domain)) else { return nil }
    let name = names[Int(key.domain)]
    return name.isEmpty ? nil : name
  }

  private func readNames(of generation: UInt32) throws(NodeError) {
    guard let matcher = try PinnedMatcher.open(paths) else { return }
    let banks = try matcher.readBanks().sorted { a, _ in a.first?.generation == generation }
    guard let first = banks.first else { return }
    if names.count > 4 { names.removeAll() }
    names[generation] = first.indices.map { domain in
      banks.lazy.filter { $0.indices.contains(domain) }.map { $0[domain].name }.first { !$0.isEmpty } ?? ""
    }
  }

  /// For a ring that was just opened: forgets what was, since another load may count generations anew, and reads what the
  /// first event would wait for, as a burst fills the ring in a fifth of a second.
  package func prepare() {
    known.removeAll()
    names.removeAll()
    manifests.removeAll()
    do throws(NodeError) {
      guard let matcher = try PinnedMatcher.open(paths) else { return }
      let generation = try matcher.readControl().generation
      try readNames(of: generation)
      _ = try manifest(of: generation)
    } catch {
      // Whoever needs it will say what is missing.
    }
  }

  private func manifest(of generation: UInt32) throws(NodeError) -> Manifest {
    if let known = manifests[generation] { return known }
    if manifests.count > 4 { manifests.removeAll() }
    let manifest = try GenerationFiles(paths).manifest(of: generation)
    manifests[generation] = manifest
    return manifest
  }

  private func describe(_ subject: inout AlertSubject, _ generation: UInt32) throws(NodeError) {
    let name = subject.place.subject
    guard let entry = try manifest(of: generation).subjects.first(where: { $0.name == name }) else {
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
