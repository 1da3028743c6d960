import Testing

@testable import Matcher

@Suite struct MatcherObjectTests {
  /// A little-endian 64-bit ELF object for the machine `EM_BPF`, which libbpf takes.
  @Test func isAnObjectForBPF() {
    let bytes = MatcherObject.bytes
    #expect(bytes.count > 10_000)
    #expect(bytes.prefix(6) == [0x7f, 0x45, 0x4c, 0x46, 2, 1])
    #expect(bytes[18] == 247 && bytes[19] == 0)
  }

  /// Programs are found by their sections; the names of all stand in the object.
  @Test(arguments: ["lsm/file_open", "lsm/bprm_creds_for_exec", "lsm/task_alloc", "iter/task", "tp_btf/sys_enter"])
  func holds(section: String) {
    #expect(String(decoding: MatcherObject.bytes, as: UTF8.self).contains(section + "\0"))
  }
}
