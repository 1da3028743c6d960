import CArmor
import Crypto
import IR

/// The parts of a file around its image.
struct FileSections {
  let reader: ByteReader
  let tier: Int
  let imageAt: Int
  let imageBytes: Int
  private(set) var records: [ImageRecord] = []
  private(set) var sources: [BytePath] = []
  private(set) var subject = ""

  private let stringsAt: Int
  private let stringBytes: Int

  init(_ bytes: [UInt8]) throws(ImageError) {
    guard bytes.count <= ImageFile.maximumSize else {
      throw ImageError(offset: 0, message: "a file of more than \(ImageFile.maximumSize) bytes")
    }
    guard bytes.count >= ImageFile.size else {
      throw ImageError(offset: 0, message: "a file of \(bytes.count) bytes; its head alone takes \(ImageFile.size)")
    }
    let reader = ByteReader(bytes)
    func word(_ word: ImageFile.Word) -> Int { Int(reader.u32(word.offset)) }
    func fail(_ word: ImageFile.Word, _ message: String) -> ImageError {
      ImageError(offset: word.offset, message: message)
    }
    guard reader.u64(0) == ImageFile.magic else {
      throw ImageError(offset: 0, message: "this is no map image of armorc")
    }
    guard word(.version) == Int(ImageFile.version) else {
      throw fail(.version, "version \(word(.version)) of the file; armorc reads \(ImageFile.version)")
    }
    guard word(.bytes) == bytes.count else {
      throw fail(.bytes, "the file says it has \(word(.bytes)) bytes; it has \(bytes.count)")
    }
    try FileSections.checkDigest(bytes)
    guard word(.reserved) == 0 else { throw fail(.reserved, "reserved words are zero") }

    let sizes: [(at: ImageFile.Word, bytes: Int, count: ImageFile.Word)] = [
      (.imageAt, word(.imageBytes), .imageBytes),
      (.recordsAt, word(.records) * ImageFile.recordSize, .records),
      (.tagsAt, word(.tags) * 8, .tags),
      (.sourcesAt, word(.sources) * 8, .sources),
      (.stringsAt, word(.strings), .strings),
    ]
    var place = ImageFile.size
    for section in sizes {
      guard word(section.at) == place else {
        throw fail(section.at, "a section at \(word(section.at)) where \(place) belongs")
      }
      guard section.bytes <= bytes.count - place else { throw fail(section.count, "a section that leaves the file") }
      let end = place + section.bytes
      place = (end + 7) & ~7
      guard place <= bytes.count else { throw fail(section.count, "a section that leaves the file") }
      for padding in end..<place where bytes[padding] != 0 {
        throw ImageError(offset: padding, message: "padding is zero")
      }
    }
    guard place == bytes.count else { throw ImageError(offset: place, message: "bytes behind the last section") }
    guard let tier = ImageHeader.tier(for: word(.imageBytes)), tier == word(.tier) else {
      throw fail(.tier, "tier \(word(.tier)) for an image of \(word(.imageBytes)) bytes")
    }
    guard word(.imageBytes) >= ImageHeader.size else { throw fail(.imageBytes, "no room for the head of an image") }
    guard word(.records) <= ImageHeader.maximumRecords else {
      throw fail(.records, "\(word(.records)) records; \(ImageHeader.maximumRecords) are possible")
    }
    self.reader = reader
    self.tier = tier
    imageAt = word(.imageAt)
    imageBytes = word(.imageBytes)
    stringsAt = word(.stringsAt)
    stringBytes = word(.strings)
    subject = try text(at: ImageFile.Word.subjectAt.offset)
    records = try readRecords(at: word(.recordsAt), count: word(.records), tags: word(.tags), tagsAt: word(.tagsAt))
    sources = try readSources(at: word(.sourcesAt), count: word(.sources))
  }

  private static func checkDigest(_ bytes: [UInt8]) throws(ImageError) {
    var digest = SHA256()
    digest.update(data: bytes[..<ImageFile.digestAt])
    digest.update(data: [UInt8](repeating: 0, count: 32))
    digest.update(data: bytes[ImageFile.size...])
    guard digest.finalize().elementsEqual(bytes[ImageFile.digestAt..<ImageFile.size]) else {
      throw ImageError(offset: ImageFile.digestAt, message: "the SHA-256 of the file is another: it was changed")
    }
  }

  private func string(at place: Int) throws(ImageError) -> ArraySlice<UInt8> {
    let start = Int(reader.u32(place))
    let count = Int(reader.u32(place + 4))
    guard start <= stringBytes, count <= stringBytes - start else {
      throw ImageError(offset: place, message: "a string that leaves the section of strings")
    }
    return reader.bytes[(stringsAt + start)..<(stringsAt + start + count)]
  }

  private func text(at place: Int) throws(ImageError) -> String {
    guard let text = String(validating: try string(at: place), as: UTF8.self) else {
      throw ImageError(offset: place, message: "a string that is no UTF-8")
    }
    return text
  }

  private func readRecords(at place: Int, count: Int, tags: Int, tagsAt: Int) throws(ImageError) -> [ImageRecord] {
    var records: [ImageRecord] = []
    records.reserveCapacity(count)
    var nextTag = 0
    for index in 0..<count {
      let here = place + index * ImageFile.recordSize
      func fail(_ offset: Int, _ what: String) -> ImageError {
        ImageError(offset: here + offset, message: "record \(index): \(what)")
      }
      let tagCount = Int(reader.u32(here + 28))
      guard Int(reader.u32(here + 24)) == nextTag, tagCount <= tags - nextTag else {
        throw fail(24, "tags out of place")
      }
      var words: [String] = []
      for tag in nextTag..<nextTag + tagCount { words.append(try text(at: tagsAt + tag * 8)) }
      nextTag += tagCount
      let kind = Int(reader.u8(here + 32))
      let resourceClass = Int(reader.u8(here + 33))
      let action = Int(reader.u8(here + 34))
      let severity = Int(reader.u8(here + 35))
      guard kind < ImageRecord.kinds.count else { throw fail(32, "a policy of kind \(kind)") }
      guard resourceClass < ImageRecord.classes.count else { throw fail(33, "a rule of class \(resourceClass)") }
      guard action < ImageRecord.actions.count else { throw fail(34, "an action \(action)") }
      guard severity <= 10 else { throw fail(35, "a severity of \(severity)") }
      guard reader.u32(here + 36) == 0 else { throw fail(36, "reserved words are zero") }
      records.append(
        ImageRecord(
          kind: ImageRecord.kinds[kind],
          namespace: try text(at: here),
          name: try text(at: here + 8),
          severity: severity,
          tags: words,
          message: try text(at: here + 16),
          action: ImageRecord.actions[action],
          resourceClass: ImageRecord.classes[resourceClass]
        )
      )
    }
    guard nextTag == tags else { throw ImageError(offset: tagsAt + nextTag * 8, message: "tags of no record") }
    return records
  }

  private func readSources(at place: Int, count: Int) throws(ImageError) -> [BytePath] {
    var sources: [BytePath] = []
    for index in 0..<count {
      guard let path = BytePath(try string(at: place + index * 8)) else {
        throw ImageError(offset: place + index * 8, message: "source \(index) is no path")
      }
      if let last = sources.last, !(last < path) {
        throw ImageError(offset: place + index * 8, message: "source \(index) is out of order")
      }
      sources.append(path)
    }
    return sources
  }
}
