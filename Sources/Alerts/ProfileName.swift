/// Leads from the name of an AppArmor profile to the subject that `build` wrote it for.
package enum ProfileName {
  /// `armorc.NAME`, or that with a part for some sources behind it, or with a child; nil for profiles of others.
  package static func subject(of profile: String) -> String? {
    guard profile.hasPrefix("armorc.") else { return nil }
    // No name of a subject has a slash or a capital letter.
    var name = profile.dropFirst(7).prefix { $0 != "/" }
    if name.hasSuffix(".others") {
      name = name.dropLast(7)
    } else if let part = name.indices.first(where: { name[$0...].hasPrefix(".S") }) {
      name = name[..<part]
    }
    return name.isEmpty ? nil : String(name)
  }
}
