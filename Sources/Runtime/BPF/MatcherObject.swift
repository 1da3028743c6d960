internal import CArmor

/// The BPF object that this build of armorc carries.
enum MatcherObject {
  static var bytes: [UInt8] {
    (try? FileAccess.read(Program.variable("ARMORC_OBJECT") ?? "/tmp/armor.bpf.o", limit: 1 << 24)) ?? []
  }
}
