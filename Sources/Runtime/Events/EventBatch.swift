/// Events as they came, one behind another.
package struct EventBatch: Sendable {
  package private(set) var bytes: [UInt8] = []
  /// Where each ends.
  package private(set) var ends: [Int] = []

  package static let maximumCount = 4096
  package static let maximumBytes = 1 << 20

  package init() {}

  package var count: Int { ends.count }
  package var isEmpty: Bool { ends.isEmpty }
  package var isFull: Bool { ends.count >= EventBatch.maximumCount || bytes.count >= EventBatch.maximumBytes }

  package subscript(_ index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

  package mutating func append(_ event: some Sequence<UInt8>) {
    bytes += event
    ends.append(bytes.count)
  }

  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}
