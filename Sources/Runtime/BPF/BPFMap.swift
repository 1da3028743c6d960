internal import CBpf
internal import Glibc

/// A BPF map that closes with its owner. Sizes are checked before the kernel sees a pointer.
///
/// INVARIANT: `keySize` and `valueSize` are what the kernel says of the map; `bufferSize` is what it copies per element.
struct BPFMap: ~Copyable {
  let descriptor: Int32
  let keySize: Int
  let valueSize: Int
  let capacity: Int
  /// The value's size; for maps with a value per CPU, that of all of them.
  let bufferSize: Int
  let shape: BPFObject.Shape
  let name: String

  /// Takes the descriptor over, which is closed in any case.
  init(taking descriptor: Int32, name: String) throws(NodeError) {
    var info = bpf_map_info()
    var length = UInt32(MemoryLayout<bpf_map_info>.size)
    // The kernel fills in at most `length` bytes of the structure.
    guard unsafe bpf_obj_get_info_by_fd(descriptor, &info, &length) == 0 else {
      let error = SystemError("bpf(BPF_OBJ_GET_INFO_BY_FD)")
      _ = close(descriptor)
      throw NodeError("read what map '\(name)' is", error)
    }
    self.descriptor = descriptor
    self.name = name
    shape = BPFObject.Shape(
      type: info.type,
      keySize: info.key_size,
      valueSize: info.value_size,
      capacity: info.max_entries,
      flags: info.map_flags
    )
    keySize = Int(info.key_size)
    valueSize = Int(info.value_size)
    capacity = Int(info.max_entries)
    let isPerCPU =
      info.type == BPF_MAP_TYPE_PERCPU_ARRAY.rawValue || info.type == BPF_MAP_TYPE_PERCPU_HASH.rawValue
      || info.type == BPF_MAP_TYPE_LRU_PERCPU_HASH.rawValue
    // Values of outer maps are written as descriptors and read as ids, 4 bytes each.
    bufferSize = isPerCPU ? (valueSize + 7) / 8 * 8 * max(1, Int(libbpf_num_possible_cpus())) : valueSize
  }

  deinit { _ = close(descriptor) }

  static func open(pinned path: String) throws(NodeError) -> BPFMap {
    let descriptor = unsafe bpf_obj_get(path)
    guard descriptor >= 0 else { throw NodeError("open map '\(path)'", SystemError("bpf(BPF_OBJ_GET)")) }
    return try BPFMap(taking: descriptor, name: path)
  }

  /// A map by the number that the kernel gave it.
  static func open(number: UInt32) throws(NodeError) -> BPFMap {
    let descriptor = bpf_map_get_fd_by_id(number)
    guard descriptor >= 0 else { throw NodeError("open map \(number)", SystemError("bpf(BPF_MAP_GET_FD_BY_ID)")) }
    return try BPFMap(taking: descriptor, name: "\(number)")
  }

  /// A one-element array that programs can only read, filled with `value` and frozen.
  static func frozen(_ value: [UInt8], name: String) throws(NodeError) -> BPFMap {
    let map = try readOnly(bytes: value.count, name: name)
    try map.update(0, value)
    guard bpf_map_freeze(map.descriptor) == 0 else {
      throw NodeError("freeze an image", SystemError("bpf(BPF_MAP_FREEZE)"))
    }
    return map
  }

  /// A one-element array that programs can only read.
  static func readOnly(bytes: Int, name: String) throws(NodeError) -> BPFMap {
    var options = bpf_map_create_opts()
    options.sz = MemoryLayout<bpf_map_create_opts>.size
    options.map_flags = UInt32(BPF_F_RDONLY_PROG)
    let descriptor = unsafe bpf_map_create(BPF_MAP_TYPE_ARRAY, name, 4, UInt32(bytes), 1, &options)
    guard descriptor >= 0 else {
      throw NodeError("make a map of \(bytes) bytes for an image", SystemError("bpf(BPF_MAP_CREATE)"))
    }
    return try BPFMap(taking: descriptor, name: name)
  }

  borrowing func pin(at path: String) throws(NodeError) {
    guard unsafe bpf_obj_pin(descriptor, path) == 0 else {
      throw NodeError("pin '\(path)'", SystemError("bpf(BPF_OBJ_PIN)"))
    }
  }

  // MARK: Elements by bytes

  /// Nil if there is no such element.
  borrowing func value(of key: [UInt8]) throws(NodeError) -> [UInt8]? {
    try check(key: key.count)
    var value = [UInt8](repeating: 0, count: bufferSize)
    // The buffers are as long as the kernel says it reads and writes (see the invariant).
    if unsafe bpf_map_lookup_elem(descriptor, key, &value) == 0 { return value }
    if errno == ENOENT { return nil }
    throw failure("read", "bpf(BPF_MAP_LOOKUP_ELEM)")
  }

  borrowing func update(key: [UInt8], _ value: [UInt8]) throws(NodeError) {
    try check(key: key.count)
    guard value.count == bufferSize else {
      throw NodeError("map '\(name)' takes values of \(bufferSize) bytes, not \(value.count)")
    }
    // As above.
    guard unsafe bpf_map_update_elem(descriptor, key, value, 0) == 0 else {
      throw failure("write to", "bpf(BPF_MAP_UPDATE_ELEM)")
    }
  }

  /// Whether there was such an element.
  @discardableResult
  borrowing func delete(key: [UInt8]) throws(NodeError) -> Bool {
    try check(key: key.count)
    // As above.
    if unsafe bpf_map_delete_elem(descriptor, key) == 0 { return true }
    if errno == ENOENT { return false }
    throw failure("delete from", "bpf(BPF_MAP_DELETE_ELEM)")
  }

  /// All keys, as far as nobody adds or deletes at the same time; at most as many as the map holds.
  borrowing func keys() throws(NodeError) -> [[UInt8]] {
    var keys: [[UInt8]] = []
    var next = [UInt8](repeating: 0, count: keySize)
    while keys.count < capacity {
      // As above; no key asks for the first.
      let result =
        if let last = keys.last {
          unsafe bpf_map_get_next_key(descriptor, last, &next)
        } else {
          unsafe bpf_map_get_next_key(descriptor, nil, &next)
        }
      if result == 0 {
        keys.append(next)
      } else if errno == ENOENT {
        break
      } else {
        throw failure("list", "bpf(BPF_MAP_GET_NEXT_KEY)")
      }
    }
    return keys
  }

  // MARK: Elements by number

  borrowing func value(_ index: UInt32) throws(NodeError) -> [UInt8]? { try value(of: bytes(of: index)) }
  borrowing func update(_ index: UInt32, _ value: [UInt8]) throws(NodeError) {
    try update(key: bytes(of: index), value)
  }

  /// Writes many elements of an outer map, whose values are descriptors. In one call where the kernel can: every single one
  /// waits for a grace period of RCU, some 15 ms.
  borrowing func update(_ places: [UInt32], _ descriptors: [Int32]) throws(NodeError) {
    guard places.count == descriptors.count, keySize == 4, bufferSize == 4 else {
      throw NodeError("map '\(name)' takes numbers and descriptors")
    }
    if places.isEmpty { return }
    var count = UInt32(places.count)
    // Both arrays have `count` elements of 4 bytes.
    if unsafe bpf_map_update_batch(descriptor, places, descriptors, &count, nil) == 0, count == places.count { return }
    for (place, descriptor) in zip(places, descriptors) { try update(place, Runtime.bytes(of: descriptor)) }
  }

  /// All elements of an array, one after another, in few calls.
  borrowing func all() throws(NodeError) -> [UInt8] {
    var keys = [UInt8](repeating: 0, count: keySize * capacity)
    var values = [UInt8](repeating: 0, count: bufferSize * capacity)
    var count = UInt32(capacity)
    var batch: UInt64 = 0
    // The arrays have room for `count` elements, and the batch's position takes 4 bytes for arrays.
    let result = unsafe bpf_map_lookup_batch(descriptor, nil, &batch, &keys, &values, &count, nil)
    guard result == 0 || errno == ENOENT, Int(count) == capacity else { return try allOneByOne() }
    return values
  }

  private borrowing func allOneByOne() throws(NodeError) -> [UInt8] {
    var values: [UInt8] = []
    values.reserveCapacity(bufferSize * capacity)
    for index in 0..<UInt32(capacity) {
      values += try value(index) ?? [UInt8](repeating: 0, count: bufferSize)
    }
    return values
  }

  private borrowing func check(key bytes: Int) throws(NodeError) {
    guard bytes == keySize else { throw NodeError("map '\(name)' takes keys of \(keySize) bytes, not \(bytes)") }
  }

  private borrowing func failure(_ doing: String, _ call: String) -> NodeError {
    NodeError("\(doing) map '\(name)'", SystemError(call))
  }
}

/// The memory of a plain C structure.
func bytes<Value: BitwiseCopyable>(of value: Value) -> [UInt8] {
  // Only structures without padding are handed to this.
  unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
}

/// A plain C structure from its bytes at an offset; nil if they do not suffice.
func structure<Value: BitwiseCopyable>(_ type: Value.Type, in bytes: [UInt8], at offset: Int = 0) -> Value? {
  guard offset >= 0, offset <= bytes.count, bytes.count - offset >= MemoryLayout<Value>.size else { return nil }
  // The length is checked; every bit pattern is a value of these structures of integers.
  return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
}
