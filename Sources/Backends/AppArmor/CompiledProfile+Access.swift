extension CompiledProfile {
  /// The profile in the form in which armorc compares profiles, mode and `audit` flag worked in.
  /// - Throws: `CompiledPolicyError` for what armorc never writes: the modes kill and unconfined, links to some targets only.
  package func access() throws(CompiledPolicyError) -> ProfileAccess {
    guard mode == .enforce || mode == .complain else {
      throw CompiledPolicyError(offset: 0, message: "profile '\(name)' is in mode '\(mode)'")
    }
    let (classifier, records) = fileClassifier()
    if records.contains(where: { $0.owner.linksToSome || $0.other.linksToSome }) {
      throw CompiledPolicyError(offset: 0, message: "profile '\(name)' allows links to some targets only")
    }
    var network: [SocketKey: Right] = [:]
    for family in UInt16(0)...45 {
      for type in UInt8(0)...11 {
        network[SocketKey(family: family, type: type)] = right(allowsSocket(family: family, type: UInt16(type)))
      }
    }
    return ProfileAccess(
      name: name,
      isComplain: mode == .complain,
      files: classifier,
      fileRights: records.map { FileRights(owner: half($0.owner), other: half($0.other)) },
      network: network,
      capabilities: (0..<64).map { right(allowsCapability($0)) }
    )
  }

  /// `auditsAll` logs whatever is allowed and silences nothing.
  private func right(_ answer: AccessAnswer) -> Right {
    Right(
      isAllowed: answer.isAllowed,
      isLogged: auditsAll || (answer.isAllowed ? answer.isAudited : !answer.isQuiet)
    )
  }

  private func half(_ verdict: FileVerdict) -> FileRights.Half {
    FileRights.Half(
      allowed: verdict.allow,
      audited: auditsAll ? verdict.allow : verdict.audit,
      quiet: auditsAll ? [] : verdict.quiet,
      transition: verdict.exec.map(ExecTransition.init)
    )
  }
}

extension ExecTransition {
  /// `foreign` for everything but `ix`, `px -> names` and `pix -> &names`; also for `Px` and `Pix`, which scrub the
  /// environment, and for `pix -> names`, which depends on what is loaded.
  fileprivate init(_ exec: CompiledExec) {
    switch (exec.target, exec.fallback, exec.keepsEnvironment) {
    case (.none, .inherit, _): self = .inherit
    case (.profiles(let names), .deny, true): self = .replace(names)
    case (.stacked(let names), .inherit, true): self = .stack(names)
    case (let target, let fallback, let keeps):
      self = .foreign("\(target), else \(fallback)\(keeps ? "" : ", scrubbing the environment")")
    }
  }
}
