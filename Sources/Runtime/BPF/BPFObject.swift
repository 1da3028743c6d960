internal import CBpf
internal import CLinux
internal import Glibc

/// A BPF object file between opening and loading, and its programs while this process holds them.
///
/// INVARIANT: `object` is libbpf's until `bpf_object__close`; programs and maps found in it are used while it lives.
@safe struct BPFObject: ~Copyable {
  private let object: OpaquePointer

  struct Program {
    let name: String
    /// Such as `lsm/file_open`.
    let section: String
  }

  /// Reads an object from memory; the kernel is not asked yet.
  init(_ bytes: [UInt8], name: String) throws(NodeError) {
    cbpf_capture_log()
    clinux_log_clear()
    // libbpf copies the bytes before it returns.
    guard let object = unsafe bpf_object__open_mem(bytes, bytes.count, nil) else {
      throw BPFObject.failure("read the BPF object '\(name)'", "bpf_object__open_mem", errno)
    }
    unsafe self.object = unsafe object
  }

  deinit { unsafe bpf_object__close(object) }

  /// With what libbpf has logged since the object was opened.
  private static func failure(_ doing: String, _ call: String, _ number: Int32) -> NodeError {
    let log = unsafe String(cString: clinux_log())
    clinux_log_clear()
    return NodeError("cannot \(doing): \(SystemError(call, abs(number)))", log: log)
  }

  borrowing func programs() -> [Program] {
    var programs: [Program] = []
    var program = unsafe bpf_object__next_program(object, nil)
    while let one = unsafe program {
      // Names are NUL-terminated strings of the object.
      programs.append(
        Program(
          name: unsafe String(cString: bpf_program__name(one)),
          section: unsafe String(cString: bpf_program__section_name(one))
        )
      )
      unsafe program = unsafe bpf_object__next_program(object, one)
    }
    return programs
  }

  borrowing func mapNames() -> [String] {
    var names: [String] = []
    var map = unsafe bpf_object__next_map(object, nil)
    while let one = unsafe map {
      if unsafe !bpf_map__is_internal(one) { names.append(unsafe String(cString: bpf_map__name(one))) }
      unsafe map = unsafe bpf_object__next_map(object, one)
    }
    return names
  }

  /// Before loading: whether a program is loaded at all.
  borrowing func setLoads(_ name: String, _ loads: Bool) throws(NodeError) {
    let program = try unsafe program(name)
    let result = unsafe bpf_program__set_autoload(program, loads)
    guard result == 0 else { throw BPFObject.failure("choose program '\(name)'", "bpf_program__set_autoload", result) }
  }

  /// Before loading.
  borrowing func setCapacity(ofMap name: String, _ count: UInt32) throws(NodeError) {
    let result = unsafe bpf_map__set_max_entries(try map(name), count)
    guard result == 0 else { throw BPFObject.failure("size map '\(name)'", "bpf_map__set_max_entries", result) }
  }

  /// Before loading: whether a map is made at all. For maps that no loaded program uses.
  borrowing func setCreates(_ name: String, _ creates: Bool) throws(NodeError) {
    let result = unsafe bpf_map__set_autocreate(try map(name), creates)
    guard result == 0 else { throw BPFObject.failure("choose map '\(name)'", "bpf_map__set_autocreate", result) }
  }

  /// Before loading: the value of a `const volatile` of the program.
  borrowing func setConstant(_ name: String, _ value: [UInt8]) throws(NodeError) {
    guard let types = unsafe bpf_object__btf(object), let map = unsafe bpf_object__find_map_by_name(object, ".rodata")
    else { throw NodeError("the BPF object has no constants, '\(name)' among them") }
    let section = unsafe btf__find_by_name_kind(types, ".rodata", KernelTypes.dataSection)
    guard section > 0, let type = unsafe btf__type_by_id(types, UInt32(section)) else {
      throw NodeError("the BPF object does not describe its constants")
    }
    var size = 0
    guard let initial = unsafe bpf_map__initial_value(map, &size) else {
      throw NodeError("the BPF object has no values of its constants")
    }
    // A data section's type is followed by one entry per variable, as many as its head says.
    let entries = unsafe UnsafeBufferPointer(start: btf_var_secinfos(type), count: Int(btf_vlen(type)))
    for index in entries.indices {
      let entry = unsafe entries[index]
      guard let variable = unsafe btf__type_by_id(types, entry.type),
        let text = unsafe btf__name_by_offset(types, variable.pointee.name_off),
        unsafe String(cString: text) == name
      else { continue }
      guard Int(entry.size) == value.count, Int(entry.offset) + value.count <= size else {
        throw NodeError("constant '\(name)' of the BPF object has \(entry.size) bytes, not \(value.count)")
      }
      // The offset was checked against the size of the section.
      unsafe UnsafeMutableRawPointer(mutating: initial).advanced(by: Int(entry.offset))
        .copyMemory(from: value, byteCount: value.count)
      return
    }
    throw NodeError("the BPF object has no constant '\(name)'")
  }

  /// Makes the maps and has the programs verified.
  borrowing func load() throws(NodeError) {
    clinux_log_clear()
    let result = unsafe bpf_object__load(object)
    guard result == 0 else { throw BPFObject.failure("load the BPF programs", "bpf(BPF_PROG_LOAD)", result) }
  }

  /// After loading.
  borrowing func pinMap(_ name: String, at path: String) throws(NodeError) {
    guard unsafe bpf_obj_pin(bpf_map__fd(try map(name)), path) == 0 else {
      throw NodeError("pin '\(path)'", SystemError("bpf(BPF_OBJ_PIN)"))
    }
  }

  /// What a map is, as far as two that share their elements must agree.
  struct Shape: Hashable {
    let type: UInt32
    let keySize: UInt32
    let valueSize: UInt32
    let capacity: UInt32
    let flags: UInt32
  }

  /// Before loading.
  borrowing func shape(ofMap name: String) throws(NodeError) -> Shape {
    let map = try unsafe map(name)
    return unsafe Shape(
      type: bpf_map__type(map).rawValue,
      keySize: bpf_map__key_size(map),
      valueSize: bpf_map__value_size(map),
      capacity: bpf_map__max_entries(map),
      flags: bpf_map__map_flags(map)
    )
  }

  /// Before loading: the programs use this map instead of one of their own.
  borrowing func reuse(_ map: borrowing BPFMap, as name: String) throws(NodeError) {
    // libbpf holds a descriptor of its own.
    let result = unsafe bpf_map__reuse_fd(try self.map(name), map.descriptor)
    guard result == 0 else { throw BPFObject.failure("use map '\(name)'", "bpf_map__reuse_fd", result) }
  }

  /// After loading: keeps a program without attaching it.
  borrowing func pinProgram(_ name: String, at path: String) throws(NodeError) {
    guard unsafe bpf_obj_pin(bpf_program__fd(try program(name)), path) == 0 else {
      throw NodeError("pin '\(path)'", SystemError("bpf(BPF_OBJ_PIN)"))
    }
  }

  /// After loading: the map, by a descriptor of its own.
  borrowing func openMap(_ name: String) throws(NodeError) -> BPFMap {
    let descriptor = fcntl(unsafe bpf_map__fd(try map(name)), F_DUPFD_CLOEXEC, 0)
    guard descriptor >= 0 else { throw NodeError("open map '\(name)'", SystemError("fcntl(F_DUPFD_CLOEXEC)")) }
    return try BPFMap(taking: descriptor, name: name)
  }

  /// After loading: the program's descriptor, good for as long as the object lives.
  borrowing func descriptor(ofProgram name: String) throws(NodeError) -> Int32 {
    let descriptor = unsafe bpf_program__fd(try program(name))
    guard descriptor >= 0 else { throw NodeError("program '\(name)' is not loaded") }
    return descriptor
  }

  /// After loading: attaches a program for as long as the pin is there.
  borrowing func attach(_ name: String, pinningAt path: String) throws(NodeError) {
    let program = try unsafe program(name)
    clinux_log_clear()
    guard let link = unsafe bpf_program__attach(program) else {
      throw BPFObject.failure("attach program '\(name)'", "bpf(BPF_LINK_CREATE)", errno)
    }
    let result = unsafe bpf_link__pin(link, path)
    // Only this process's hold on the link; the pin keeps it attached.
    _ = unsafe bpf_link__destroy(link)
    guard result == 0 else { throw BPFObject.failure("pin '\(path)'", "bpf(BPF_OBJ_PIN)", result) }
  }

  private borrowing func program(_ name: String) throws(NodeError) -> OpaquePointer {
    guard let program = unsafe bpf_object__find_program_by_name(object, name) else {
      throw NodeError("the BPF object has no program '\(name)'")
    }
    return unsafe program
  }

  private borrowing func map(_ name: String) throws(NodeError) -> OpaquePointer {
    guard let map = unsafe bpf_object__find_map_by_name(object, name) else {
      throw NodeError("the BPF object has no map '\(name)'")
    }
    return unsafe map
  }
}
