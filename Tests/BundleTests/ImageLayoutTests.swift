import CArmor
import IR
import Testing

@testable import Bundle

/// The structures of `bpf/armor.h` and the numbers that Swift and docs/bpf-image.md go by.
@Suite struct ImageLayoutTests {
  @Test func sizes() {
    #expect(MemoryLayout<armor_slot>.size == 8)
    #expect(MemoryLayout<armor_source>.size == 16)
    #expect(MemoryLayout<armor_image>.size == 380)
    #expect(MemoryLayout<armor_image>.size == ImageHeader.size)
    #expect(MemoryLayout<armor_string>.size == 8)
    #expect(MemoryLayout<armor_record>.size == ImageFile.recordSize)
    #expect(MemoryLayout<armor_file>.size == ImageFile.size)
    #expect(MemoryLayout<armor_file>.size == 104)
  }

  @Test func offsetsOfTheImage() {
    let words: [(ImageHeader.Word, Int?)] = [
      (.magic, MemoryLayout<armor_image>.offset(of: \.magic)),
      (.version, MemoryLayout<armor_image>.offset(of: \.version)),
      (.bytes, MemoryLayout<armor_image>.offset(of: \.bytes)),
      (.generation, MemoryLayout<armor_image>.offset(of: \.generation)),
      (.slotsAt, MemoryLayout<armor_image>.offset(of: \.slots_at)),
      (.slots, MemoryLayout<armor_image>.offset(of: \.slots)),
      (.absorbing, MemoryLayout<armor_image>.offset(of: \.absorbing)),
      (.start0, MemoryLayout<armor_image>.offset(of: \.start.0)),
      (.start1, MemoryLayout<armor_image>.offset(of: \.start.1)),
      (.start2, MemoryLayout<armor_image>.offset(of: \.start.2)),
      (.start3, MemoryLayout<armor_image>.offset(of: \.start.3)),
      (.labels, MemoryLayout<armor_image>.offset(of: \.labels)),
      (.sources, MemoryLayout<armor_image>.offset(of: \.sources)),
      (.rows, MemoryLayout<armor_image>.offset(of: \.rows)),
      (.rowAt, MemoryLayout<armor_image>.offset(of: \.row_at)),
      (.cellAt, MemoryLayout<armor_image>.offset(of: \.cell_at)),
      (.socketAt, MemoryLayout<armor_image>.offset(of: \.socket_at)),
      (.capabilityAt, MemoryLayout<armor_image>.offset(of: \.capability_at)),
      (.namedAt, MemoryLayout<armor_image>.offset(of: \.named_at)),
      (.named, MemoryLayout<armor_image>.offset(of: \.named)),
      (.syscallAt, MemoryLayout<armor_image>.offset(of: \.syscall_at)),
      (.syscallCellAt, MemoryLayout<armor_image>.offset(of: \.syscall_cell_at)),
      (.syscallRows, MemoryLayout<armor_image>.offset(of: \.syscall_rows)),
      (.syscallSources, MemoryLayout<armor_image>.offset(of: \.syscall_sources)),
      (.syscallPaths, MemoryLayout<armor_image>.offset(of: \.syscall_paths)),
      (.failClosed, MemoryLayout<armor_image>.offset(of: \.fail_closed)),
      (.visible, MemoryLayout<armor_image>.offset(of: \.visible)),
      (.flags, MemoryLayout<armor_image>.offset(of: \.flags)),
      (.presets0, MemoryLayout<armor_image>.offset(of: \.preset.0)),
      (.presets2, MemoryLayout<armor_image>.offset(of: \.preset.2)),
      (.presets4, MemoryLayout<armor_image>.offset(of: \.preset.4)),
    ]
    for (word, offset) in words { #expect(word.offset == offset, "\(word)") }
    #expect(MemoryLayout<armor_image>.offset(of: \.classes) == ImageHeader.classesAt)
    #expect(ImageHeader.classesAt == 124)
    #expect(MemoryLayout<armor_image>.offset(of: \.reserved) == 122)
    #expect(MemoryLayout<armor_source>.offset(of: \.source) == 8)
    #expect(MemoryLayout<armor_source>.offset(of: \.syscall_source) == 12)
    #expect(MemoryLayout<armor_slot>.offset(of: \.next) == 4)
  }

  /// The path is the last member, and elements of an array follow each other without holes.
  @Test func theTestInput() {
    #expect(MemoryLayout<armor_test_input>.offset(of: \.path) == MemoryLayout<armor_test_input>.size - 4096)
    #expect(MemoryLayout<armor_test_input>.size == MemoryLayout<armor_test_input>.stride)
    #expect(MemoryLayout<armor_test_input>.size % 8 == 0)
    #expect(BytePath.maximumLength == Int(ARMOR_MAX_PATH))
  }

  @Test func offsetsOfTheFile() {
    let words: [(ImageFile.Word, Int?)] = [
      (.version, MemoryLayout<armor_file>.offset(of: \.version)),
      (.bytes, MemoryLayout<armor_file>.offset(of: \.bytes)),
      (.tier, MemoryLayout<armor_file>.offset(of: \.tier)),
      (.imageAt, MemoryLayout<armor_file>.offset(of: \.image_at)),
      (.imageBytes, MemoryLayout<armor_file>.offset(of: \.image_bytes)),
      (.recordsAt, MemoryLayout<armor_file>.offset(of: \.records_at)),
      (.records, MemoryLayout<armor_file>.offset(of: \.records)),
      (.tagsAt, MemoryLayout<armor_file>.offset(of: \.tags_at)),
      (.tags, MemoryLayout<armor_file>.offset(of: \.tags)),
      (.sourcesAt, MemoryLayout<armor_file>.offset(of: \.sources_at)),
      (.sources, MemoryLayout<armor_file>.offset(of: \.sources)),
      (.stringsAt, MemoryLayout<armor_file>.offset(of: \.strings_at)),
      (.strings, MemoryLayout<armor_file>.offset(of: \.strings)),
      (.subjectAt, MemoryLayout<armor_file>.offset(of: \.subject)),
      (.subjectBytes, MemoryLayout<armor_file>.offset(of: \.subject.bytes)),
      (.reserved, MemoryLayout<armor_file>.offset(of: \.reserved)),
    ]
    for (word, offset) in words { #expect(word.offset == offset, "\(word)") }
    #expect(MemoryLayout<armor_file>.offset(of: \.sha256) == ImageFile.digestAt)
    #expect(MemoryLayout<armor_record>.offset(of: \.first_tag) == 24)
    #expect(MemoryLayout<armor_record>.offset(of: \.tags) == 28)
    #expect(MemoryLayout<armor_record>.offset(of: \.kind) == 32)
    #expect(MemoryLayout<armor_record>.offset(of: \.severity) == 35)
  }

  /// The constants of the contract that Swift has of its own.
  @Test func constants() {
    #expect(StateMark.state == UInt32(ARMOR_STATE))
    #expect(StateMark.guarded == UInt32(ARMOR_GUARDED))
    #expect(StateMark.labels == UInt32(ARMOR_LABEL))
    #expect(ImageHeader.automata == Int(ARMOR_AUTOMATA.rawValue))
    #expect(ImageCell.classes.count == Int(ARMOR_CLASSES.rawValue))
    #expect(ImageRecord.classes.firstIndex(of: .presets) == Int(ARMOR_PRESET.rawValue))
    #expect(Preset.allCases.count == Int(ARMOR_PRESETS.rawValue))
    #expect(
      [Preset.filelessExec, .anonymousMapExec, .protectEnv, .protectProc, .exec].map(\.index)
        == [
          ARMOR_FILELESS_EXEC, ARMOR_ANONYMOUS_MAP_EXEC, ARMOR_PROTECT_ENV, ARMOR_PROTECT_PROC, ARMOR_TERMINAL_EXEC,
        ].map { Int($0.rawValue) }
    )
    #expect(ImageHeader.bytes(ofTier: 0) == 16 << 10)
    #expect(ImageHeader.bytes(ofTier: 5) == 16 << 20)
    #expect(ImageHeader.socketCells == 112)
  }
}
