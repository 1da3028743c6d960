import Foundation
import Testing

/// What OLD and NEW may be, and what they may not.
@Suite(.enabled(if: Git.path != nil)) struct DiffSidesTests {
  private static func blocking(_ path: String, name: String = "p") -> String {
    Sample.policy(name, "  action: Block\n  file: {matchPaths: [{path: \(path)}]}\n")
  }

  /// `main` blocks /a; the work tree blocks /a and /b, in files below `policies`.
  private func repository(index: Bool = false) throws -> Scratch {
    let repository = try Git.repository(["policies/p.yaml": Self.blocking("/a"), "readme.txt": "no policy"])
    try repository.write("policies/q.yaml", Self.blocking("/b", name: "q"))
    if index { try Git.run(["add", "--all"], in: repository) }
    return repository
  }

  private func diff(_ arguments: [String], in directory: Scratch, input: String? = nil) async throws -> Command.Outcome
  {
    try await Command.run(["diff"] + arguments + ["--detailed-exit-code"], in: directory, input: input)
  }

  @Test(
    arguments: [
      ["main"], ["main:"], ["main:./"], ["main", "policies"], ["main", "policies/"], ["main", "."], ["main:policies"],
      ["main:policies/", "policies/"], ["main:policies/p.yaml", "policies"], ["HEAD", "./policies"], ["HEAD^{/first}"],
      ["main^{commit}:./policies", "policies"], ["refs/heads/main:policies"], [":policies", "policies"], [":", "."],
      ["HEAD:policies/../policies"],
    ]
  )
  func aRevisionAgainstTheWorkTree(_ sides: [String]) async throws {
    let outcome = try await diff(sides, in: repository())
    #expect(outcome.status == 4, "\(outcome.all)")
    #expect(outcome.output.contains("policies/q.yaml:"), "\(outcome.all)")
    #expect(outcome.errors.isEmpty)
  }

  @Test(arguments: [
    ["main"], ["main:./"], ["main", "."], ["main", "p.yaml"], ["main:policies"], ["main", "../policies"],
  ])
  func namesAreThoseOfTheCurrentDirectory(_ sides: [String]) async throws {
    let repository = try repository()
    try repository.write("policies/p.yaml", Self.blocking("/c"))
    let outcome = try await Command.run(
      ["diff"] + sides + ["--format", "json"],
      in: repository,
      below: "policies"
    )
    #expect(outcome.status == 1, "\(outcome.all)")
    let name = sides.last == "../policies" ? "../policies/p.yaml" : "p.yaml"
    #expect(outcome.output.contains("\"file\":\"\(name)\""), "\(outcome.all)")
    #expect(!outcome.output.contains("\"file\":\"policies"), "\(outcome.all)")
  }

  @Test func theOrderOfSidesIsTheDirection() async throws {
    let repository = try repository()
    #expect(try await diff(["policies", "main"], in: repository).status == 5)
    #expect(try await diff(["main", "main"], in: repository).status == 0)
    #expect(try await diff(["policies", "policies/p.yaml"], in: repository).status == 5)
  }

  @Test func rangesCompareTwoRevisions() async throws {
    let repository = try Git.repository(["p.yaml": Self.blocking("/a")])
    try Git.run(["switch", "--quiet", "--create", "topic"], in: repository)
    try repository.write("q.yaml", Self.blocking("/b", name: "q"))
    try Git.commit("topic", in: repository)
    try Git.run(["switch", "--quiet", "main"], in: repository)
    try repository.remove("p.yaml")
    try Git.commit("main goes on", in: repository)
    // From main to topic /a is blocked again; from where they parted only /b is.
    let sides = try await Command.run(["diff", "main..topic"], in: repository)
    #expect(sides.output.contains("/a") && sides.output.contains("/b") && sides.status == 1, "\(sides.all)")
    let parted = try await Command.run(["diff", "main...topic"], in: repository)
    #expect(!parted.output.contains("/a") && parted.output.contains("/b") && parted.status == 1, "\(parted.all)")
    #expect(try await diff(["topic..main"], in: repository).status == 5)
    #expect(try await diff(["topic.."], in: repository).status == 5)
    #expect(try await diff(["..topic", "q.yaml"], in: repository).status == 3)
    #expect(try await diff(["HEAD~1..topic", "p.yaml"], in: repository).status == 0)
  }

  @Test func theIndexIsASide() async throws {
    let repository = try repository(index: true)
    #expect(try await diff(["main", ":policies"], in: repository).status == 4)
    #expect(try await diff([":policies", "policies"], in: repository).status == 0)
    try repository.write("policies/q.yaml", Self.blocking("/c", name: "q"))
    #expect(try await diff([":policies/q.yaml"], in: repository).status == 6)
    let gone = try await diff([":elsewhere"], in: repository)
    #expect(gone.status == 3 && gone.errors.contains("'elsewhere'"), "\(gone.all)")
  }

  @Test func pathsAndStandardInputNeedNoRepository() async throws {
    let scratch = try Scratch()
    try scratch.write("old/p.yaml", Self.blocking("/a"))
    try scratch.write("new.yaml", Self.blocking("/b"))
    for (sides, input) in [(["old", "new.yaml"], nil), (["old/p.yaml", "-"], Self.blocking("/b"))] {
      let outcome = try await diff(sides, in: scratch, input: input)
      #expect(outcome.status == 6, "\(outcome.all)")
    }
    #expect(try await diff(["-", "old"], in: scratch, input: Self.blocking("/a")).status == 0)
  }

  @Test(
    arguments: [
      (["nowhere"], "no git revision"), (["nowhere:policies"], "'nowhere' is no git revision"),
      (["main:nowhere"], "no such file or directory in that revision"), (["main", "/"], "outside of the repository"),
      (["main:../../x"], "leads out of the repository"), (["main..nowhere"], "'nowhere' is no git revision"),
      (["nowhere...main"], "'nowhere' is no git revision"), (["main", "nowhere"], "no git revision"),
      (["main:readme.txt", "main:readme.txt"], "no policy"), ([":/first"], "':/'"),
      (["main:policies/p.yaml/x"], "'policies/p.yaml/x'"),
      (["main^{tree}^{commit}"], "no git revision"), (["--", "-x"], "no git revision"),
      (["main@{upstream}"], "no git revision"),
    ]
  )
  func whatIsNoSideIsSaid(_ sides: [String], _ words: String) async throws {
    let repository = try repository()
    let before = try repository.tree()
    let outcome = try await Command.run(["diff"] + sides, in: repository)
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(outcome.output.isEmpty && outcome.errors.hasPrefix("armorc: "), "\(outcome.all)")
    #expect(outcome.errors.contains(words), "\(outcome.all)")
    #expect(try repository.tree() == before)
  }

  @Test(
    arguments: [
      [], ["policies"], ["-"], ["-", "-"], ["main", "policies", "policies"], ["main", ""],
      ["main", "--fail-on", "any", "--detailed-exit-code"], ["main", "--stat", "--format", "json"],
      ["main", "--witnesses", "-1"], ["main", "--class", "dns"], ["main", "--format", "yaml"],
      ["main", "--old-posture", "file=deny"], ["main", "--old-base", "runtime-v0"], ["main", "--enforcer", "none"],
    ]
  )
  func wrongUsageEndsWithTwo(_ arguments: [String]) async throws {
    let outcome = try await Command.run(["diff"] + arguments, in: repository())
    #expect(outcome.status == 2, "\(outcome.all)")
    #expect(outcome.output.isEmpty && !outcome.errors.isEmpty, "\(outcome.all)")
  }

  @Test func withoutARepositoryThereAreNoRevisions() async throws {
    let scratch = try Scratch()
    try scratch.write("p.yaml", Self.blocking("/a"))
    let outcome = try await Command.run(
      ["diff", "main"],
      in: scratch,
      environment: ["GIT_CEILING_DIRECTORIES": scratch.url.deletingLastPathComponent().path]
    )
    #expect(outcome.status == 3 && outcome.errors.contains("not a git repository"), "\(outcome.all)")
    let alone = try await Command.run(["diff", "main"], in: scratch, environment: ["PATH": "/nonexistent"])
    #expect(alone.status == 3 && alone.errors.contains("not on PATH"), "\(alone.all)")
  }

  /// Nothing is checked out, refreshed or left behind, whatever the environment says.
  @Test func theRepositoryIsOnlyRead() async throws {
    let repository = try repository(index: true)
    try repository.write("untracked.yaml", Self.blocking("/c", name: "r"))
    let before = try repository.tree()
    for sides in [["main"], ["main..main"], [":policies"], ["HEAD", "policies"]] {
      let outcome = try await Command.run(
        ["diff"] + sides,
        in: repository,
        environment: [
          "GIT_TRACE": repository.path("trace"), "GIT_PAGER": "touch pager", "GIT_EDITOR": "touch editor",
          "GIT_EXTERNAL_DIFF": "touch external", "TMPDIR": "/tmp",
        ]
      )
      #expect(outcome.status <= 1, "\(outcome.all)")
    }
    #expect(try repository.tree() == before)
  }

  /// As in a hook: git says where the repository is.
  @Test func theRepositoryMayBeNamedByTheEnvironment() async throws {
    let repository = try repository()
    let elsewhere = try Scratch()
    let outcome = try await Command.run(
      ["diff", "HEAD:policies", "HEAD:policies"],
      in: elsewhere,
      environment: ["GIT_DIR": repository.path(".git")]
    )
    #expect(outcome.status == 0, "\(outcome.all)")
  }

  @Test func anExistingPathWinsOverARevision() async throws {
    let repository = try repository()
    try repository.write("main/p.yaml", Self.blocking("/z"))
    #expect(try await diff(["main", "policies/p.yaml"], in: repository).status == 6)
    #expect(try await diff(["refs/heads/main:policies", "main:policies/p.yaml"], in: repository).status == 0)
    let one = try await Command.run(["diff", "main"], in: repository)
    #expect(one.status == 2 && one.errors.contains("main:./"), "\(one.all)")
  }

  @Test(arguments: [
    "a b.yaml", "a\nb.yaml", "a'b\"c.yaml", "*.yaml", "é.yaml", "-x.yaml", ":x.yaml", "a\\b.yaml", "{x.yaml",
  ])
  func namesMayHoldAnything(_ name: String) async throws {
    let repository = try Git.repository(["d/" + name: Self.blocking("/a")])
    try repository.write("d/" + name, Self.blocking("/b"))
    for sides in [["main"], ["main:d/" + name], [":d", "d/" + name]] {
      let outcome = try await diff(sides, in: repository)
      #expect(outcome.status == 6, "\(sides): \(outcome.all)")
      #expect(!outcome.output.contains("a\nb.yaml"))
    }
  }

  /// As for directories: hidden files and other suffixes are passed over, what is named is read whatever it is called.
  @Test func filesAreChosenAsInDirectories() async throws {
    let files = [
      "d/p.yaml": Self.blocking("/a"), "d/.hidden.yaml": Self.blocking("/b", name: "b"),
      "d/.git-like/c.yaml": Self.blocking("/c", name: "c"), "d/e.yml": Self.blocking("/e", name: "e"),
      "d/f.txt": Self.blocking("/f", name: "f"), "d/deep/er/g.yaml": Self.blocking("/g", name: "g"),
    ]
    let repository = try Git.repository(files)
    #expect(try await diff(["main"], in: repository).status == 0)
    #expect(try await diff(["main:d", "d"], in: repository).status == 0)
    try repository.remove("d")
    try repository.write("d/p.yaml", files["d/p.yaml"] ?? "")
    let outcome = try await Command.run(["diff", "main", "--format", "json"], in: repository)
    let removed = Set(["a", "b", "c", "e", "f", "g"].filter { outcome.output.contains("\"/\($0)\"") })
    #expect(removed == ["e", "g"], "\(outcome.all)")
    #expect(try await diff(["main:d/f.txt", "d"], in: repository).status == 6)
  }

  @Test func linksSubmodulesAndPointersAreSaid() async throws {
    let inner = try Git.repository(["s.yaml": Self.blocking("/s", name: "s")])
    let repository = try Git.repository(["d/p.yaml": Self.blocking("/a")])
    try Git.run(["submodule", "--quiet", "add", inner.url.path, "d/sub"], in: repository)
    try repository.link("d/again.txt", to: "p.yaml")
    try repository.link("d/self", to: ".")
    try repository.link("d/away", to: "/etc")
    try Git.commit("links", in: repository)
    let outcome = try await diff(["main", "d"], in: repository)
    // The work tree's submodule has a policy; neither side counts it.
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(outcome.errors.contains("'d/sub' is a submodule"), "\(outcome.all)")
    #expect(outcome.errors.contains("'d/away' is a symbolic link to '/etc'"), "\(outcome.all)")
    #expect(!outcome.errors.contains("self") && !outcome.errors.contains("again"), "\(outcome.all)")

    try repository.link("d/same.yaml", to: "p.yaml")
    try Git.commit("a policy by two names", in: repository)
    let twice = try await diff(["main", "d"], in: repository)
    #expect(twice.status == 3 && twice.errors.contains("defined twice"), "\(twice.all)")
    try repository.remove("d/same.yaml")
    try repository.link("d/lost.yaml", to: "../nowhere.yaml")
    try Git.commit("a link to nowhere", in: repository)
    #expect(try await diff(["main", "d/p.yaml"], in: repository).status == 0)
    let whole = try await diff(["main:d", "d/p.yaml"], in: repository)
    #expect(whole.status == 3 && whole.errors.contains("symbolic link to '../nowhere.yaml'"), "\(whole.all)")

    let pointers = try Git.repository([
      "p.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
    ])
    let pointer = try await diff(["main"], in: pointers)
    #expect(pointer.status == 3 && pointer.errors.contains("Git LFS pointer"), "\(pointer.all)")
  }

  // MARK: Errors in policies

  @Test func errorsOfASideAreShownAndNothingIsCompared() async throws {
    let repository = try Git.repository(["d/p.yaml": Self.blocking("/a"), "d/typo.yaml": Sample.broken])
    let both = try await Command.run(["diff", "main"], in: repository)
    #expect(both.status == 3 && both.output.isEmpty, "\(both.all)")
    #expect(both.errors.contains("errors in both sides") && both.errors.contains("d/typo.yaml:12:"), "\(both.all)")
    #expect(both.errors.ranges(of: "ARM1104").count == 1, "\(both.all)")
    try repository.remove("d/typo.yaml")
    let old = try await Command.run(["diff", "main"], in: repository)
    #expect(old.status == 3 && old.errors.contains("errors in OLD, 'main'"), "\(old.all)")
    let new = try await Command.run(["diff", "d", "main"], in: repository)
    #expect(new.status == 3 && new.errors.contains("errors in NEW, 'main'"), "\(new.all)")
    // Warnings are not its business.
    try repository.write("d/p.yaml", Sample.warned)
    let warned = try await Command.run(["diff", "d", "d"], in: repository)
    #expect(warned.status == 0 && warned.errors.isEmpty, "\(warned.all)")
  }

  @Test func keepGoingLeavesThemOutOnBothSides() async throws {
    let repository = try Git.repository(["d/p.yaml": Self.blocking("/a"), "d/typo.yaml": Sample.broken])
    // Unchanged on both sides: nothing is unknown.
    let same = try await diff(["main", "--keep-going"], in: repository)
    #expect(same.status == 0 && same.errors.contains("left out on both sides, for errors: KubeArmorPolicy 'shop/typo'"))
    // Repaired: what it means now is no change that could be judged.
    try repository.write("d/typo.yaml", Self.blocking("/typo", name: "typo"))
    let mended = try await diff(["main", "--keep-going"], in: repository)
    #expect(mended.status == 6 && !mended.output.contains("/typo"), "\(mended.all)")
    // A file that is no YAML may have held what the other side has in it.
    try repository.write("d/typo.yaml", Sample.broken)
    try repository.write("d/p.yaml", "{{ no yaml\n")
    let lost = try await diff(["main", "--keep-going"], in: repository)
    #expect(lost.status == 3 || !lost.output.contains("/a"), "\(lost.all)")
    #expect(lost.errors.contains("shop/p") || lost.errors.contains("nothing to compare"), "\(lost.all)")
    // A broken file that is new may hold anything.
    try repository.write("d/p.yaml", Self.blocking("/a"))
    try repository.write("d/new.yaml", "{{ no yaml\n")
    let more = try await diff(["main", "--keep-going"], in: repository)
    #expect(more.status == 6 && more.errors.contains("files with errors") && more.errors.contains("'d/new.yaml'"))
    try repository.remove("d/new.yaml")
    try repository.write("d/p.yaml", Self.blocking("/a") + "---\n" + Self.blocking("/b"))
    let twice = try await diff(["main", "--keep-going"], in: repository)
    #expect(twice.errors.contains("'shop/p'"), "\(twice.all)")
  }

  // MARK: Status and selection

  @Test func failOnChoosesWhatIsBad() async throws {
    let scratch = try Scratch()
    try scratch.write("a.yaml", Self.blocking("/a"))
    try scratch.write(
      "ab.yaml",
      Sample.policy("p", "  action: Block\n  file: {matchPaths: [{path: /a}, {path: /b}]}\n")
    )
    for (sides, expected) in [
      (["a.yaml", "ab.yaml"], [0, 1, 1, 0]), (["ab.yaml", "a.yaml"], [1, 0, 1, 0]),
      (["a.yaml", "a.yaml"], [0, 0, 0, 0]),
    ] {
      for (word, status) in zip(["looser", "tighter", "any", "never"], expected) {
        let outcome = try await Command.run(["diff"] + sides + ["--fail-on", word], in: scratch)
        #expect(outcome.status == Int32(status), "\(sides) \(word)")
      }
    }
  }

  @Test func theStatusSpeaksOfWhatIsSelected() async throws {
    let repository = try Git.repository(Examples.files)
    try repository.write(
      "examples/policies/cart.yaml",
      (Examples.files["examples/policies/cart.yaml"] ?? "").replacing("      - path: /usr/bin/apt\n", with: "")
    )
    for (selection, status) in [
      (["--subject", "shop.cart.cart"], 5), (["--subject", "shop.*"], 5), (["--subject", "shop.web.*"], 0),
      (["--subject", "shop.web.*", "--subject", "*cart"], 5), (["--class", "process"], 5), (["--class", "file"], 0),
      (["--class", "file", "--class", "process"], 5), (["--subject", "shop.c?rt.cart", "--class", "network"], 0),
    ] {
      let outcome = try await diff(["main"] + selection, in: repository)
      #expect(outcome.status == Int32(status), "\(selection): \(outcome.all)")
      #expect(outcome.output.contains("/usr/bin/apt") == (status == 5), "\(selection): \(outcome.all)")
    }
    for (classes, headline) in [
      (["process"], "1 of 6 subjects changes in process: 1 looser"),
      (["process", "file"], "1 of 6 subjects changes in process and file: 1 looser"),
      (["network", "file"], "no change in file or network: every such verdict of 6 subjects stays the same"),
    ] {
      for format in ["text", "markdown", "html"] {
        let selection = classes.flatMap { ["--class", $0] } + ["--format", format]
        let outcome = try await Command.run(["diff", "main"] + selection, in: repository)
        #expect(outcome.output.lowercased().contains(headline), "\(selection): \(outcome.all)")
      }
    }
    let nobody = try await diff(["main", "--subject", "shop.nobody"], in: repository)
    #expect(nobody.status == 3 && nobody.errors.contains("'shop.nobody'") && nobody.errors.contains("shop.cart.cart"))
  }

  @Test func theOutputGoesToAFileAtOnce() async throws {
    let scratch = try Scratch()
    try scratch.write("a.yaml", Self.blocking("/a"))
    try scratch.write("b.yaml", Self.blocking("/b"))
    try scratch.write("out.json", "old")
    let printed = try await Command.run(["diff", "a.yaml", "b.yaml", "--format", "json"], in: scratch)
    let written = try await Command.run(
      ["diff", "a.yaml", "b.yaml", "--format", "json", "--output", "out.json"],
      in: scratch
    )
    #expect(written.status == 1 && written.output.isEmpty && written.errors.isEmpty, "\(written.all)")
    #expect(try scratch.text("out.json") == printed.output)
    #expect(try scratch.tree().keys.sorted() == ["a.yaml", "b.yaml", "out.json"])
    for target in ["none/out", "."] {
      let refused = try await Command.run(["diff", "a.yaml", "b.yaml", "--output", target], in: scratch)
      #expect(refused.status == 3 && refused.output.isEmpty && refused.errors.contains("'\(target)'"), "\(refused.all)")
    }
    #expect(try scratch.tree().keys.sorted() == ["a.yaml", "b.yaml", "out.json"])
  }

  @Test(arguments: ["text", "markdown", "json", "sarif", "html"])
  func everyFormatIsTheSameAtAnyNumberOfJobs(_ format: String) async throws {
    let repository = try Git.repository(Examples.files)
    for name in ["payments", "web"] {
      let file = "examples/policies/\(name).yaml"
      try repository.write(file, (Examples.files[file] ?? "").replacing("recursive: true", with: "recursive: false"))
    }
    let one = try await Command.run(["diff", "main", "--format", format, "-j", "1"], in: repository)
    let many = try await Command.run(["diff", "main", "--format", format, "-j", "7"], in: repository)
    #expect(one.status == 1 && !one.output.isEmpty, "\(one.all)")
    #expect(one.output == many.output)
  }

  @Test func statIsATable() async throws {
    let repository = try repository()
    let outcome = try await Command.run(["diff", "main", "--stat"], in: repository)
    #expect(outcome.status == 1 && outcome.output.contains("shop.web"), "\(outcome.all)")
  }

  /// One change in 2,000 policies of 2,000 files.
  @Test func aLargeTree() async throws {
    var files: [String: String] = [:]
    for number in 0..<2000 {
      files["team-\(number % 40)/p\(number).yaml"] = Sample.policy(
        "p\(number)",
        app: "a\(number / 2)",
        "  action: Block\n  file: {matchPaths: [{path: /srv/\(number)}]}\n"
      )
    }
    let repository = try Git.repository(files)
    try repository.write(
      "team-7/p1007.yaml",
      (files["team-7/p1007.yaml"] ?? "").replacing("/srv/1007", with: "/srv/other")
    )
    let outcome = try await Command.run(["diff", "main", "--format", "json"], in: repository)
    let diff = try DiffOutput(outcome.output)
    #expect(diff.subjects.count == 1000)
    #expect(diff.subjects.filter { !$0.entries.isEmpty }.map(\.name) == ["shop.a503"])
    #expect(diff.subjects.first { $0.name == "shop.a503" }?.classes == ["file": "both"])
  }
}
