import IR

/// Random questions about an image, the same for the same seed: strings near its witnesses and far from them, of all lengths
/// up to more than the matcher takes, from sources that it knows and that it does not.
package struct QuestionDraw: RandomNumberGenerator {
  private var state: UInt64
  private let image: MapImage
  private let key: UInt64
  /// Strings to start from; never empty.
  private let strings: [[UInt8]]
  private let numbers: [UInt32]

  package init(_ image: MapImage, _ loaded: KernelImage, near witnesses: ImageWitnesses, seed: UInt64) {
    state = seed
    self.image = image
    key = loaded.key
    strings =
      witnesses.paths + witnesses.sources + witnesses.callPaths + witnesses.callSources + [[UInt8(ascii: "/")]]
    numbers = (0..<ImageHeader.syscallNumbers).filter { image.syscallRow($0) != nil }.map { UInt32($0) }
  }

  /// SplitMix64.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

  package mutating func question() -> ImageQuestion {
    let object: ImageQuestion.Object
    switch below(10) {
    case 0: object = .socket(SocketCell(index: below(SocketCell.count)))
    case 1: object = .capability(UInt8(below(ImageHeader.capabilityCells)))
    case 2:
      let number = numbers.isEmpty || below(8) == 0 ? UInt32(below(600)) : numbers[below(numbers.count)]
      object = .syscall(number, below(4) == 0 ? [] : string())
    default: object = .path(PathOperation.allCases[below(3)], below(30) == 0 ? [] : string())
    }
    return ImageQuestion(source(), object, isOwner: below(2) == 0, asksBelow: below(4) == 0)
  }

  /// Known by its hash, by its classes, or not at all.
  private mutating func source() -> ImageQuestion.Source {
    switch below(4) {
    case 0: return .hash(next() | 1)
    case 1 where !image.sources.isEmpty:
      return .hash(KernelImage.hash(image.sources[below(image.sources.count)].bytes, key: key))
    default:
      let call = image.header.syscallSources
      return .classes(
        ImageSource(source: below(max(1, image.header.sources)), syscallSource: call > 0 ? below(call) : 0)
      )
    }
  }

  /// Bytes without NUL, at least one.
  package mutating func string() -> [UInt8] {
    var bytes = strings[below(strings.count)]
    switch below(8) {
    case 0, 1: break
    case 2: bytes = Array(bytes.prefix(below(bytes.count + 1)))
    case 3: bytes += tail()
    case 4: bytes += strings[below(strings.count)]
    case 5 where !bytes.isEmpty: bytes[below(bytes.count)] = byte()
    case 6: bytes = tail()
    default:
      // Long ones, up to some that are too long.
      let wanted = below(BytePath.maximumLength + 40)
      let more = [UInt8(ascii: "/")] + tail()
      while bytes.count < wanted { bytes += more }
      if below(4) > 0 { bytes = Array(bytes.prefix(below(4) == 0 ? BytePath.maximumLength : max(1, wanted))) }
    }
    return bytes.isEmpty ? [UInt8(ascii: "/")] : bytes
  }

  private mutating func tail() -> [UInt8] { (0...below(40)).map { _ in byte() } }

  private mutating func byte() -> UInt8 {
    below(3) == 0 ? UInt8(1 + below(255)) : Array("/./abetc*s".utf8)[below(10)]
  }
}
