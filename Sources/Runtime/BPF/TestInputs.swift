internal import Bundle
internal import CArmor
internal import CBpf
internal import Glibc
internal import IR

/// The inputs of the matcher's test entry, in memory that this process and the program share.
///
/// INVARIANT: `base` is mapped for `count` elements of `stride` bytes, each a `struct armor_test_input`, until `deinit`.
/// The program runs only inside `run`, so nobody else writes while this process reads or writes.
@safe struct TestInputs: ~Copyable {
  let count: Int
  private let base: UnsafeMutableRawPointer
  private static let stride = (MemoryLayout<armor_test_input>.size + 7) & ~7
  /// Where the path stands: the last member.
  private static let pathOffset = MemoryLayout<armor_test_input>.size - pathCapacity
  private static let pathCapacity = 4096

  init(_ map: borrowing BPFMap) throws(NodeError) {
    guard map.valueSize == MemoryLayout<armor_test_input>.size else {
      throw NodeError("an input of the matcher's test entry takes \(map.valueSize) bytes")
    }
    let count = map.capacity
    let base = unsafe mmap(nil, count * TestInputs.stride, PROT_READ | PROT_WRITE, MAP_SHARED, map.descriptor, 0)
    guard let base = unsafe base, unsafe base != MAP_FAILED else {
      throw NodeError("map the inputs of the matcher's test entry", SystemError("mmap"))
    }
    self.count = count
    unsafe self.base = unsafe base
  }

  deinit { unsafe munmap(base, count * TestInputs.stride) }

  /// Writes a question about the image of `domain` to an element; `index` is below `count`.
  borrowing func put(_ question: ImageQuestion, domain: UInt32, at index: Int) {
    precondition((0..<count).contains(index))
    let path = question.path
    let kept = min(path.count, TestInputs.pathCapacity)
    // The element lies in the mapping, and the path's bytes in the element (see the invariant).
    unsafe path.withUnsafeBytes { bytes in
      let target = unsafe base + index * TestInputs.stride + TestInputs.pathOffset
      if kept > 0, let source = bytes.baseAddress { unsafe target.copyMemory(from: source, byteCount: kept) }
    }
    let input = unsafe element(index)
    unsafe input.pointee.domain = domain
    switch question.source {
    case .classes(let classes):
      unsafe input.pointee.source = UInt32(truncatingIfNeeded: classes.source)
      unsafe input.pointee.syscall_source = UInt32(truncatingIfNeeded: classes.syscallSource)
      unsafe input.pointee.hash = 0
    case .hash(let hash):
      unsafe input.pointee.source = ARMOR_BY_HASH
      unsafe input.pointee.syscall_source = 0
      unsafe input.pointee.hash = hash
    }
    var number: UInt32 = 0
    var operation: UInt8 = 0
    switch question.object {
    case .path(let one, _): operation = one.rawValue
    case .socket(let socket): number = UInt32(socket.index)
    case .capability(let one): number = UInt32(one)
    case .syscall(let one, _): number = one
    case .preset(let preset): number = UInt32(preset.index)
    }
    unsafe input.pointee.number = number
    // Whatever is longer than the buffer is too long for the program as well: it does not look at the bytes.
    unsafe input.pointee.path_bytes = UInt32(truncatingIfNeeded: min(path.count, Int(Int32.max)))
    let preset = UInt8(ARMOR_PRESET.rawValue)
    unsafe input.pointee.resource_class = ImageCell.number(of: question.resourceClass).map { UInt8($0) } ?? preset
    unsafe input.pointee.operation = operation
    unsafe input.pointee.is_owner = question.isOwner ? 1 : 0
    unsafe input.pointee.below = question.asksBelow ? 1 : 0
    unsafe input.pointee.denied = UInt32(ARMOR_NOT_ASKED)
  }

  /// The answer that stands in an element; nil if there was no image to ask.
  borrowing func answer(at index: Int) throws(NodeError) -> ImageAnswer {
    precondition((0..<count).contains(index))
    let input = unsafe element(index)
    let denied = unsafe input.pointee.denied
    let trouble = unsafe input.pointee.trouble
    let cell = unsafe input.pointee.cell
    guard denied < UInt32(ARMOR_NOT_ASKED), let known = UInt8(exactly: trouble), let cell = UInt16(exactly: cell) else {
      throw NodeError("the compiled matcher did not answer (\(denied), trouble \(trouble), cell \(cell))")
    }
    return ImageAnswer(
      isDenied: denied == 1,
      trouble: known,
      cell: ImageCell(rawValue: cell),
      label: Int(unsafe input.pointee.label),
      state: unsafe input.pointee.state,
      below: unsafe input.pointee.below_state,
      isGuarded: unsafe input.pointee.guarded != 0,
      source: Int(unsafe input.pointee.found_source),
      next: ImageSource(
        source: Int(unsafe input.pointee.next_source),
        syscallSource: Int(unsafe input.pointee.next_syscall_source)
      ),
      nextHash: unsafe input.pointee.next_hash
    )
  }

  private borrowing func element(_ index: Int) -> UnsafeMutablePointer<armor_test_input> {
    // In the mapping, see the invariant; its pages are aligned, and so is every element.
    unsafe (base + index * TestInputs.stride).assumingMemoryBound(to: armor_test_input.self)
  }

  /// Has the program answer the first `asked` elements, in one call.
  borrowing func run(_ program: Int32, _ asked: Int) throws(NodeError) {
    var context = unsafe __sk_buff()
    unsafe context.priority = 1
    let packet = [UInt8](repeating: 0, count: 64)
    for _ in 0..<TestInputs.attempts {
      var options = unsafe bpf_test_run_opts()
      unsafe options.sz = MemoryLayout<bpf_test_run_opts>.size
      // Packet and context outlive the call.
      let result = unsafe withUnsafePointer(to: &context) { context in
        unsafe packet.withUnsafeBytes { data in
          unsafe options.data_in = data.baseAddress
          unsafe options.data_size_in = UInt32(data.count)
          unsafe options.ctx_in = UnsafeRawPointer(context)
          unsafe options.ctx_size_in = UInt32(MemoryLayout<__sk_buff>.size)
          unsafe options.repeat = Int32(truncatingIfNeeded: asked)
          return unsafe bpf_prog_test_run_opts(program, &options)
        }
      }
      if result == 0 { return }
      // A signal cuts a run short; asking twice does no harm.
      guard errno == EINTR || errno == EAGAIN else { break }
    }
    throw NodeError("run the compiled matcher", SystemError("bpf(BPF_PROG_TEST_RUN)"))
  }

  private static let attempts = 1000
}
