import CArmor
import Crypto
package import IR

/// Everything that a file `bpf.img` holds: the image, and what only user space needs.
package struct ImageFile: Hashable, Sendable {
  package static let fileName = "bpf.img"
  /// Most bytes that are read: the largest image, and as much again for records, four times over.
  package static let maximumSize = 1 << 27

  /// The image as the kernel gets it, but for generation and hashes.
  package var image: [UInt8]
  package var records: [ImageRecord]
  /// The path of each named source, in the order of the image's table.
  package var sources: [BytePath]
  package var subject: String

  package init(image: [UInt8], records: [ImageRecord], sources: [BytePath], subject: String) {
    self.image = image
    self.records = records
    self.sources = sources
    self.subject = subject
  }

  static let magic = UInt64(ARMOR_FILE_MAGIC)
  static let version = UInt32(ARMOR_FILE_VERSION)

  /// A word of `struct armor_file` after its magic, as 32-bit words from its start.
  enum Word: Int, CaseIterable {
    case version = 2
    case bytes, tier, imageAt, imageBytes, recordsAt, records, tagsAt, tags, sourcesAt, sources, stringsAt, strings,
      subjectAt, subjectBytes, reserved
    var offset: Int { rawValue * 4 }
  }
  static let digestAt = Word.reserved.offset + 4
  static let size = digestAt + 32
  static let recordSize = 40

  /// The file. The same content has the same bytes.
  package var encoded: [UInt8] {
    var strings = StringTable()
    var recordBytes = ByteBuffer()
    var tagBytes = ByteBuffer()
    var tagCount = 0
    for record in records {
      strings.append(record.namespace, to: &recordBytes)
      strings.append(record.name, to: &recordBytes)
      strings.append(record.message, to: &recordBytes)
      recordBytes.append32(UInt32(truncatingIfNeeded: tagCount))
      recordBytes.append32(UInt32(truncatingIfNeeded: record.tags.count))
      recordBytes.append([
        UInt8(ImageRecord.kinds.firstIndex(of: record.kind) ?? 0),
        UInt8(ImageRecord.classes.firstIndex(of: record.resourceClass) ?? 0),
        UInt8(ImageRecord.actions.firstIndex(of: record.action) ?? 0),
        UInt8(clamping: record.severity),
      ])
      recordBytes.append32(0)
      for tag in record.tags { strings.append(tag, to: &tagBytes) }
      tagCount += record.tags.count
    }
    var sourceBytes = ByteBuffer()
    for source in sources { strings.append(source.bytes, to: &sourceBytes) }
    var subjectBytes = ByteBuffer()
    strings.append(subject, to: &subjectBytes)

    var sections: [Int] = []
    var body = ByteBuffer(capacity: image.count + 4096)
    for section in [image, recordBytes.bytes, tagBytes.bytes, sourceBytes.bytes, strings.bytes] {
      sections.append(ImageFile.size + body.bytes.count)
      body.append(section)
      body.pad(to: 8)
    }
    var file = ByteBuffer(capacity: ImageFile.size + body.bytes.count)
    file.append64(ImageFile.magic)
    let words = [
      Int(ImageFile.version), ImageFile.size + body.bytes.count, ImageHeader.tier(for: image.count) ?? 0,
      sections[0], image.count, sections[1], records.count, sections[2], tagCount, sections[3], sources.count,
      sections[4], strings.bytes.count,
    ]
    for word in words { file.append32(UInt32(truncatingIfNeeded: word)) }
    file.append(subjectBytes.bytes)
    file.append32(0)
    file.append([UInt8](repeating: 0, count: 32))
    file.append(body.bytes)
    return ImageFile.sealed(file.bytes)
  }

  /// A file with the digest of what it holds.
  package static func sealed(_ file: [UInt8]) -> [UInt8] {
    guard file.count >= size else { return file }
    var sealed = file
    for index in 0..<32 { sealed[digestAt + index] = 0 }
    for (index, byte) in SHA256.hash(data: sealed).enumerated() { sealed[digestAt + index] = byte }
    return sealed
  }
}

/// Strings one after the other, each once.
private struct StringTable {
  private(set) var bytes: [UInt8] = []
  private var places: [[UInt8]: Int] = [:]

  mutating func append(_ text: String, to buffer: inout ByteBuffer) { append(Array(text.utf8), to: &buffer) }

  mutating func append(_ string: [UInt8], to buffer: inout ByteBuffer) {
    let place = string.isEmpty ? 0 : places[string] ?? bytes.count
    if place == bytes.count {
      places[string] = place
      bytes += string
    }
    buffer.append32(UInt32(truncatingIfNeeded: place))
    buffer.append32(UInt32(truncatingIfNeeded: string.count))
  }
}
