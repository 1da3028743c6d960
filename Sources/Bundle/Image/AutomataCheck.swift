/// Checks the automata of an image: who owns which slot, where each leads, and what labels can be reached.
struct AutomataCheck {
  private let image: MapImage
  private let slots: Int
  private let classes: Int
  private let at: Int

  init(_ image: MapImage) {
    self.image = image
    slots = image.header.slots
    classes = image.byteClassCount
    at = image.base + image.layout.slots
  }

  private func fail(_ slot: Int, _ message: String) -> ImageError {
    ImageError(offset: at + slot * 8, message: "slot \(slot): " + message)
  }

  private func isState(_ slot: UInt32) -> Bool {
    Int(slot) < slots && slot > 0 && image.owner(Int(slot)) & StateMark.state != 0
  }

  func check() throws(ImageError) {
    try checkSlots()
    let header = image.header
    let limits = [header.labels, header.sources, header.syscallPaths, header.syscallSources]
    for (automaton, limit) in limits.enumerated() {
      let start = header.start[automaton]
      let word = [ImageHeader.Word.start0, .start1, .start2, .start3][automaton]
      guard isState(start) else {
        throw ImageError(offset: image.base + word.offset, message: "start \(start) is no state")
      }
      try checkLabels(from: start, below: limit)
    }
  }

  private func checkSlots() throws(ImageError) {
    let absorbing = image.header.absorbing
    guard slots > 0, image.owner(0) == 0, image.next(0) == 0 else { throw fail(0, "slot 0 is there, and empty") }
    guard absorbing < slots else { throw fail(0, "\(absorbing) absorbing states in \(slots) slots") }
    for slot in 1..<max(slots, 1) {
      let owner = image.owner(slot)
      let next = image.next(slot)
      if owner & StateMark.state != 0 {
        let flags = owner & ~(StateMark.state | StateMark.guarded | StateMark.labels)
        guard flags == 0 else { throw fail(slot, "unknown flags") }
        guard slot + classes - 1 < slots else { throw fail(slot, "a state whose slots would lie behind the last") }
        guard isState(next) else { throw fail(slot, "leads to \(next), which is no state") }
        if slot <= absorbing, Int(next) != slot { throw fail(slot, "an absorbing state that leads to \(next)") }
      } else if owner == 0 {
        guard next == 0 else { throw fail(slot, "leads to \(next) but is nobody's") }
        guard slot > absorbing else { throw fail(slot, "no state where an absorbing one belongs") }
      } else {
        let place = slot - Int(owner)
        guard isState(owner), place >= 1, place < classes else {
          throw fail(slot, "owned by \(owner), which cannot be")
        }
        guard Int(owner) > absorbing else { throw fail(slot, "absorbing state \(owner) leads elsewhere") }
        guard isState(next) else { throw fail(slot, "leads to \(next), which is no state") }
      }
    }
  }

  /// INVARIANT: `checkSlots` has passed, so every step leads to a state.
  private func checkLabels(from start: UInt32, below limit: Int) throws(ImageError) {
    var isSeen = [Bool](repeating: false, count: slots)
    var queue = [start]
    isSeen[Int(start)] = true
    func visit(_ state: UInt32) {
      if isSeen[Int(state)] { return }
      isSeen[Int(state)] = true
      queue.append(state)
    }
    while let state = queue.popLast() {
      let here = Int(state)
      guard image.mark(state).label < limit else {
        throw fail(here, "label \(image.mark(state).label) where \(limit) are known")
      }
      visit(image.next(here))
      guard here > image.header.absorbing else { continue }
      for slot in (here + 1)..<max(here + classes, here + 1) where image.owner(slot) == state {
        visit(image.next(slot))
      }
    }
  }
}
