private import CYaml

/// One event of libyaml, its values copied out.
enum YAMLEvent {
  case documentStart
  case documentEnd
  case alias(String)
  case scalar(value: String, style: Scalar.Style, tag: String?, anchor: String?)
  case sequenceStart(tag: String?, anchor: String?, isFlow: Bool)
  case sequenceEnd
  case mappingStart(tag: String?, anchor: String?, isFlow: Bool)
  case mappingEnd
  case other
}

/// Why libyaml stopped. Positions count Unicode scalars from the start of its input.
struct YAMLFailure {
  let problem: String
  let position: Int
  let context: String
  let contextPosition: Int?
}

/// An event with its place, in Unicode scalars from the start of the input.
struct LocatedEvent {
  let event: YAMLEvent
  let start: Int
  let end: Int
}

/// libyaml's parser over borrowed bytes; owned, closed on deinit.
///
/// INVARIANT: `parser` was initialised by `yaml_parser_initialize`, is owned by this value alone, and the input outlives
/// it: `reading` is the only way to get one, and hands it out inside the buffer's scope.
@safe struct EventParser: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  /// Runs `body` with a parser over `bytes`, which must be UTF-8 without a byte order mark; nil when out of memory.
  static func reading<Result>(
    _ bytes: ArraySlice<UInt8>,
    _ body: (borrowing EventParser) -> Result
  ) -> Result? {
    // The buffer lives until `body` returns, and so does the parser.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      let storage = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
      guard unsafe yaml_parser_initialize(storage) == 1 else {
        unsafe storage.deallocate()
        return nil
      }
      unsafe yaml_parser_set_encoding(storage, YAML_UTF8_ENCODING)
      unsafe yaml_parser_set_input_string(storage, buffer.baseAddress, buffer.count)
      let parser = unsafe EventParser(initialized: storage)
      return body(parser)
    }
  }

  private init(initialized storage: UnsafeMutablePointer<yaml_parser_t>) { unsafe parser = storage }

  deinit {
    // The storage is initialised and owned by this value alone.
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
  }

  /// The next event; nil at the end of the stream.
  /// - Throws: the failure; asking again after one is an error of the caller.
  borrowing func next() throws(EventError) -> LocatedEvent? {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw EventError(failure) }
    defer { unsafe yaml_event_delete(&event) }
    let start = unsafe EventParser.index(event.start_mark)
    let end = unsafe max(start, EventParser.index(event.end_mark))
    let value: YAMLEvent
    // Every pointer read below belongs to the event and is valid until it is deleted.
    switch unsafe event.type {
    case YAML_STREAM_END_EVENT: return nil
    case YAML_DOCUMENT_START_EVENT: value = .documentStart
    case YAML_DOCUMENT_END_EVENT: value = .documentEnd
    case YAML_ALIAS_EVENT: value = unsafe .alias(EventParser.text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let data = unsafe event.data.scalar
      let bytes = unsafe UnsafeBufferPointer(start: data.value, count: data.length)
      let style: Scalar.Style =
        switch unsafe data.style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .plain
        }
      value = unsafe .scalar(
        value: String(decoding: bytes, as: UTF8.self),
        style: style,
        tag: EventParser.text(data.tag),
        anchor: EventParser.text(data.anchor)
      )
    case YAML_SEQUENCE_START_EVENT:
      let data = unsafe event.data.sequence_start
      value = unsafe .sequenceStart(
        tag: EventParser.text(data.tag),
        anchor: EventParser.text(data.anchor),
        isFlow: data.style == YAML_FLOW_SEQUENCE_STYLE
      )
    case YAML_SEQUENCE_END_EVENT: value = .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      let data = unsafe event.data.mapping_start
      value = unsafe .mappingStart(
        tag: EventParser.text(data.tag),
        anchor: EventParser.text(data.anchor),
        isFlow: data.style == YAML_FLOW_MAPPING_STYLE
      )
    case YAML_MAPPING_END_EVENT: value = .mappingEnd
    default: value = .other
    }
    return LocatedEvent(event: value, start: start, end: end)
  }

  private var failure: YAMLFailure {
    let state = unsafe parser.pointee
    let hasContext = unsafe state.context != nil
    return unsafe YAMLFailure(
      problem: EventParser.text(state.problem) ?? "out of memory",
      position: EventParser.index(state.problem_mark),
      context: EventParser.text(state.context) ?? "",
      contextPosition: hasContext ? EventParser.index(state.context_mark) : nil
    )
  }

  private static func index(_ mark: yaml_mark_t) -> Int { Int(clamping: mark.index) }

  private static func text(_ pointer: UnsafePointer<UInt8>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
  }
}

struct EventError: Error {
  let failure: YAMLFailure
  init(_ failure: YAMLFailure) { self.failure = failure }
}
