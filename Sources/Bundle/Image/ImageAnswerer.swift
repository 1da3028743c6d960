import CArmor
import IR

extension MapImage {
  /// What the kernel's matcher answers, word for word. `loaded` is the same image as the kernel has it.
  package func answer(_ question: ImageQuestion, _ loaded: KernelImage) -> ImageAnswer {
    let source =
      switch question.source {
      case .classes(let classes): classes
      case .hash(let hash): loaded.classes(ofHash: hash) ?? ImageSource(source: 0, syscallSource: 0)
      }
    var answer = ImageAnswer(source: source.source)
    if question.path.count > BytePath.maximumLength {
      answer.trouble = UInt8(ARMOR_PATH_TOO_LONG.rawValue)
      let number = ImageCell.number(of: question.resourceClass) ?? 0
      answer.decide(ImageCell(rawValue: header.failClosed >> UInt32(number) & 1 == 1 ? 2 : 0))
      return answer
    }
    switch question.object {
    case .path(let operation, let path): answerPath(question, operation, path, source, loaded.key, &answer)
    case .socket(let socket): answer.decide(cell(source: source.source, socket: socket))
    case .capability(let number): answer.decide(cell(source: source.source, capability: Int(number)))
    case .preset(let preset): answer.decide(cell(preset))
    case .syscall(let number, let path):
      if !path.isEmpty { land(path, header.start[2], &answer) }
      guard let row = syscallRow(Int(number)) else { return answer }
      answer.decide(cell(syscallRow: row, source: source.syscallSource, path: answer.label))
    }
    return answer
  }

  private func answerPath(
    _ question: ImageQuestion,
    _ operation: PathOperation,
    _ path: [UInt8],
    _ source: ImageSource,
    _ key: UInt64,
    _ answer: inout ImageAnswer
  ) {
    if !path.isEmpty { land(path, header.start[0], &answer) }
    var cell = cell(row: row(source: source.source, label: answer.label), operation, isOwner: question.isOwner)
    if operation == .exec {
      if path.isEmpty, cell == .free, header.flags & (ARMOR_BLOCK_FILELESS | ARMOR_AUDIT_FILELESS) != 0 {
        cell = ImageCell(rawValue: header.flags & ARMOR_BLOCK_FILELESS != 0 ? 2 : 1)
        answer.trouble = UInt8(ARMOR_FILELESS.rawValue)
      }
      if !path.isEmpty {
        answer.next = classes(of: path)
        answer.nextHash = max(1, KernelImage.hash(path, key: key))
      }
    } else if question.asksBelow, !path.isEmpty {
      answer.below = walk([UInt8(ascii: "/")], from: answer.state)
      answer.isGuarded = mark(answer.below).isGuarded
    }
    answer.decide(cell)
  }

  private func land(_ path: [UInt8], _ start: UInt32, _ answer: inout ImageAnswer) {
    answer.state = walk(path, from: start)
    answer.label = mark(answer.state).label
  }
}

extension ImageAnswer {
  fileprivate mutating func decide(_ cell: ImageCell) {
    self.cell = cell
    isDenied = cell.verdict == .block
  }
}
