/// What the cells of an image name, without the image.
package struct ImageRecords: Hashable, Sendable {
  package let records: [ImageRecord]
  package let subject: String

  /// Reads the parts around an image; the image itself is not looked into.
  package init(_ file: [UInt8]) throws(ImageError) {
    let sections = try FileSections(file)
    records = sections.records
    subject = sections.subject
  }
}
