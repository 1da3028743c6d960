internal import CBpf

/// The running kernel's own type information: what there is to attach to.
@safe struct KernelTypes: ~Copyable {
  private let types: OpaquePointer

  static let path = "/sys/kernel/btf/vmlinux"

  // Kinds of types, BTF_KIND_* of linux/btf.h.
  static let typeName: UInt32 = 8
  static let function: UInt32 = 12
  static let dataSection: UInt32 = 15

  init() throws(NodeError) {
    // INVARIANT: the pointer is libbpf's until `btf__free`.
    guard let types = unsafe btf__load_vmlinux_btf() else {
      throw NodeError(
        "read the kernel's types in \(KernelTypes.path)",
        SystemError("btf__load_vmlinux_btf")
      )
    }
    unsafe self.types = unsafe types
  }

  deinit { unsafe btf__free(types) }

  borrowing func hasFunction(_ name: String) -> Bool {
    unsafe btf__find_by_name_kind(types, name, KernelTypes.function) > 0
  }

  /// Whether what a program of this section is attached to is there; true for what needs nothing.
  borrowing func supports(section: String) -> Bool {
    let parts = section.split(separator: "/", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return true }
    switch parts[0] {
    case "lsm", "lsm.s": return hasFunction("bpf_lsm_" + parts[1])
    case "iter", "iter.s": return hasFunction("bpf_iter_" + parts[1])
    case "tp_btf": return unsafe btf__find_by_name_kind(types, "btf_trace_" + parts[1], KernelTypes.typeName) > 0
    default: return true
    }
  }
}
