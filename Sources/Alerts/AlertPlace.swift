package import Bundle

/// Whose an alert is, as far as a bundle's manifest says.
package struct AlertPlace: Hashable, Sendable {
  /// The name of the subject; empty if it is not known.
  package var subject: String
  package var isHost = false
  /// The node, where the subject is one.
  package var hostName: String?
  package var namespace: String?
  /// Such as `Deployment` and `web`.
  package var ownerKind: String?
  package var ownerName: String?
  package var pod: String?
  package var container: String?
  /// `key=value,…`, those that a selector demands.
  package var labels: String?

  package init(subject: String) { self.subject = subject }

  /// Reads the words that `Subject.words` makes; what they leave open stays nil.
  package init(_ subject: Manifest.Subject) {
    self.init(subject: subject.name)
    isHost = subject.kind == "host"
    switch subject.kind {
    case "container": readContainer(subject.description)
    case "host": if subject.description.hasPrefix("node ") { hostName = String(subject.description.dropFirst(5)) }
    default: readSelection(subject.description)
    }
  }

  /// `container cart of Deployment/cart in shop`
  private mutating func readContainer(_ words: String) {
    let parts = words.split(separator: " ").map(String.init)
    guard parts.count == 6, parts[0] == "container", parts[2] == "of", parts[4] == "in" else { return }
    container = parts[1]
    namespace = parts[5]
    let workload = parts[3].split(separator: "/", maxSplits: 1).map(String.init)
    guard workload.count == 2 else { return }
    if workload[0] == "Pod" { pod = workload[1] } else { (ownerKind, ownerName) = (workload[0], workload[1]) }
  }

  /// `pods; namespaces in shop; labels app=web; containers main` or `hosts; …`
  private mutating func readSelection(_ words: String) {
    let parts = words.split(separator: ";").map { $0.drop { $0 == " " } }
    isHost = parts.first == "hosts"
    for part in parts.dropFirst() {
      if part.hasPrefix("labels ") { labels = String(part.dropFirst(7)) }
      if part.hasPrefix("namespaces in ") { namespace = AlertPlace.only(part.dropFirst(14)) }
      if part.hasPrefix("containers ") { container = AlertPlace.only(part.dropFirst(11)) }
    }
  }

  private static func only(_ list: Substring) -> String? { list.contains(",") || list.isEmpty ? nil : String(list) }
}

/// What alerts say of a subject's rules and of itself.
package struct AlertSubject: Hashable, Sendable {
  package var place: AlertPlace
  /// By the number in cells; empty where the files of the generation are gone.
  package var records: [ImageRecord]

  package init(place: AlertPlace, records: [ImageRecord] = []) {
    self.place = place
    self.records = records
  }
}
