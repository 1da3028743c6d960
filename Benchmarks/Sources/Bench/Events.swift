import CYaml

/// The least that anyone who reads YAML with libyaml pays: the events of the same bytes, thrown away.
enum Events {
  /// Reads every `.yaml` below the directories on one thread.
  /// - Returns: documents and bytes.
  static func count(_ directories: [String]) throws(SystemFailure) -> (documents: Int, bytes: Int) {
    var documents = 0
    var total = 0
    for directory in directories {
      for path in try Files.find(directory, suffix: ".yaml") {
        let bytes = try Files.read(path)
        total += bytes.count
        documents += count(bytes)
      }
    }
    return (documents, total)
  }

  private static func count(_ bytes: [UInt8]) -> Int {
    var documents = 0
    var parser = unsafe yaml_parser_t()
    guard unsafe yaml_parser_initialize(&parser) == 1 else { return 0 }
    defer { unsafe yaml_parser_delete(&parser) }
    // The parser reads the buffer only inside the closure.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      while true {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(&parser, &event) == 1 else { return }
        let type = unsafe event.type
        unsafe yaml_event_delete(&event)
        if type == YAML_DOCUMENT_START_EVENT { documents += 1 }
        if type == YAML_STREAM_END_EVENT { return }
      }
    }
    return documents
  }
}
