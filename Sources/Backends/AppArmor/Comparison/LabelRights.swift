import IR

/// What a label of several profiles answers, given what each of them says of one name.
struct LabelRights {
  let components: [ProfileAccess]

  struct OperationRight {
    /// The operation as a whole: allowed only if all of it is.
    var whole: Right
    /// Of its first part: opening for reading or writing.
    var main: Right
    /// Some of it is allowed, some is not.
    var isPartial: Bool

    func kind(against expected: Verdict) -> ProfileDifference.Kind? {
      if isPartial { return expected == .block ? .permits : .partial }
      return whole.difference(from: expected)
    }
  }

  /// The bits that an operation comprises (reference: what each system call needs, tried in a real kernel): reading needs
  /// `r`, locks `k`, executable mappings `m`; writing needs `w`, appending `a`, making links `l`.
  static func bits(_ operation: PathOperation) -> [FileBits] {
    switch operation {
    case .exec: [.exec]
    case .read: [.read, .lock, .map]
    case .write: [.write, .append, .link]
    }
  }

  func right(_ name: [UInt32], _ operation: PathOperation, _ isOwner: Bool) -> OperationRight {
    let rights = LabelRights.bits(operation).map { bit in
      Right.stacked(
        zip(components, name).map { profile, label in
          let rights = profile.fileRights[Int(label)]
          let half = isOwner ? rights.owner : rights.other
          let isAllowed = half.allowed.contains(bit)
          return (
            Right(
              isAllowed: isAllowed,
              isLogged: isAllowed ? half.audited.contains(bit) : !half.quiet.contains(bit)
            ), profile.isComplain
          )
        }
      )
    }
    // A mapping needs a descriptor that was opened for reading: `m` alone (which `ix` implies) gives nothing.
    let first = rights[0]
    let relevant = operation == .read && !first.isAllowed ? Array(rights.prefix(2)) : rights
    let allAllowed = relevant.allSatisfy(\.isAllowed)
    let noneAllowed = relevant.allSatisfy { !$0.isAllowed }
    return OperationRight(
      whole: Right(isAllowed: allAllowed, isLogged: first.isLogged),
      main: first,
      isPartial: !allAllowed && !noneAllowed
    )
  }

  /// The label after an exec that is allowed.
  func label(after name: [UInt32], _ isOwner: Bool) throws(ComparisonError) -> [String] {
    var label: Set<String> = []
    for (profile, index) in zip(components, name) {
      let rights = profile.fileRights[Int(index)]
      switch (isOwner ? rights.owner : rights.other).transition {
      case .inherit, nil: label.insert(profile.name)
      case .replace(let names): label.formUnion(names)
      case .stack(let names): label.formUnion(names + [profile.name])
      case .foreign(let what): throw .foreignTransition(what, profile: profile.name)
      }
    }
    return label.sorted()
  }
}
