package import Bundle
internal import Glibc
internal import Matcher

/// The compiled matcher itself, asked by this process: the kernel runs the core that the LSM programs share, on one image
/// at a time. Nothing is attached and nobody is confined; the kernel needs no BPF LSM.
package struct CompiledMatcher: ~Copyable {
  private let object: BPFObject
  private let program: Int32
  private let inputs: TestInputs
  private let control: BPFMap
  /// The one map of each tier that its outer map leads to.
  private var images: [Held?]
  /// Whose image was loaded last; 0 before that.
  private var domain: UInt32 = 0

  /// INVARIANT: owns its map for as long as the matcher lives.
  private final class Held {
    let map: BPFMap
    init(_ map: consuming BPFMap) { self.map = map }
  }

  /// Events that one call of the kernel answers.
  private static let batch: UInt32 = 512
  private static let entry = "armor_test"
  private static let maps: Set<String> = ["control", "domains", "counters", "scratch", "test_input"]

  /// Why the compiled matcher cannot be run here, or nil: the privileges that are missing, no `bpf()`, no type information.
  package static var obstacle: String? {
    let missing = missingPrivileges
    if !missing.isEmpty { return "missing \(missing.joined(separator: ", ")): run as root or with these capabilities" }
    do throws(NodeError) {
      // What a seccomp profile, a lockdown or a kernel without bpf() refuses first.
      _ = try BPFMap.readOnly(bytes: 8, name: "armor_try")
    } catch {
      return error.message
    }
    if unsafe access(KernelTypes.path, R_OK) != 0 {
      return "this kernel has no type information: cannot read '\(KernelTypes.path)' (CONFIG_DEBUG_INFO_BTF)"
    }
    return nil
  }

  /// CAP_SYS_ADMIN stands for all of them.
  private static var missingPrivileges: [String] {
    guard let held = Privileges.effective else { return [] }
    func has(_ capability: Int) -> Bool { held >> UInt64(capability) & 1 == 1 }
    if has(Privileges.Capability.sysAdmin.rawValue) { return [] }
    let wanted = [(39, "CAP_BPF"), (38, "CAP_PERFMON"), (12, "CAP_NET_ADMIN")]
    return wanted.filter { !has($0.0) }.map(\.1)
  }

  /// - Throws: the obstacle, or what libbpf and the verifier say.
  package init() throws(NodeError) {
    if let obstacle = CompiledMatcher.obstacle { throw NodeError("cannot run the compiled matcher: \(obstacle)") }
    let object = try BPFObject(MatcherObject.bytes, name: "armor")
    for one in object.programs() { try object.setLoads(one.name, one.name == CompiledMatcher.entry) }
    for name in object.mapNames() where !CompiledMatcher.maps.contains(name) && !name.hasPrefix("images_") {
      try object.setCreates(name, false)
    }
    try object.setCapacity(ofMap: "test_input", CompiledMatcher.batch)
    try object.load()
    let program = try object.descriptor(ofProgram: CompiledMatcher.entry)
    let inputs = try TestInputs(try object.openMap("test_input"))
    let control = try object.openMap("control")
    self.object = object
    self.program = program
    self.inputs = inputs
    self.control = control
    images = [Held?](repeating: nil, count: ImageHeader.tiers)
  }

  /// Asks this image from now on. `key` is what hashes of sources start from, as a node's; `tier`, 0...5, takes a larger map
  /// than the image needs.
  /// - Returns: the image as the kernel has it.
  package mutating func load(_ image: MapImage, key: UInt64, tier: Int? = nil) throws(NodeError) -> KernelImage {
    let tier = max(image.tier, min(tier ?? 0, ImageHeader.tiers - 1))
    guard let loaded = KernelImage(image, generation: 1, key: key) else {
      throw NodeError("two sources that '\(image.subject)' names have one hash with this key")
    }
    let padding = ImageHeader.bytes(ofTier: tier) - loaded.bytes.count
    let value = padding > 0 ? loaded.bytes + [UInt8](repeating: 0, count: padding) : loaded.bytes
    let place = UInt32(tier + 1)
    if let held = images[tier] {
      // Nothing runs now, so the value is replaced where it lies: no wait for a grace period.
      try held.map.update(0, value)
    } else {
      let held = Held(try BPFMap.readOnly(bytes: value.count, name: "armor_image"))
      try held.map.update(0, value)
      try object.openMap("images_\(tier)").update([place * 2], [held.map.descriptor])
      try object.openMap("domains").update(
        place * 2,
        DomainEntry(tier: tier, generation: 1, name: "asked").bytes
      )
      images[tier] = held
    }
    try control.update(0, Control(bank: 0, generation: 1, hashKey: key).bytes)
    domain = place
    return loaded
  }

  /// The answers of the image that was loaded last, in the order of the questions.
  package mutating func ask(_ questions: [ImageQuestion]) throws(NodeError) -> [ImageAnswer] {
    guard domain > 0 else { throw NodeError("the compiled matcher has no image yet") }
    var answers: [ImageAnswer] = []
    answers.reserveCapacity(questions.count)
    var start = 0
    while start < questions.count {
      let end = min(questions.count, start + inputs.count)
      for index in start..<end { inputs.put(questions[index], domain: domain, at: index - start) }
      try inputs.run(program, end - start)
      for index in start..<end { answers.append(try inputs.answer(at: index - start)) }
      start = end
    }
    return answers
  }
}
