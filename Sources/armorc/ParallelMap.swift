import Dispatch
import Synchronization

/// Applies `transform` to every element on up to `jobs` threads; results in the order of the elements, whatever the order of
/// the work. `finished` is told the number of finished elements.
///
/// Threads of Dispatch and not tasks: an asynchronous `main` costs a static binary 8 ms before it ends.
func parallelMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element],
  jobs: Int,
  finished: @escaping @Sendable (Int) -> Void = { _ in },
  _ transform: @escaping @Sendable (Element) -> Result
) -> [Result] {
  guard jobs > 1, elements.count > 1 else {
    return elements.enumerated().map { index, element in
      defer { finished(index + 1) }
      return transform(element)
    }
  }
  // Chunks small enough to keep all busy, large enough that handing them out costs nothing.
  let size = max(1, min(256, elements.count / (jobs * 8)))
  let starts = Array(stride(from: 0, to: elements.count, by: size))
  let state = Mutex(ParallelState(parts: [[Result]](repeating: [], count: starts.count)))
  DispatchQueue.concurrentPerform(iterations: min(jobs, starts.count)) { _ in
    while true {
      let index = state.withLock { state -> Int in
        defer { state.next += 1 }
        return state.next
      }
      guard index < starts.count else { return }
      let part = elements[starts[index]..<min(starts[index] + size, elements.count)].map(transform)
      let done = state.withLock { state -> Int in
        state.parts[index] = part
        state.done += part.count
        return state.done
      }
      finished(done)
    }
  }
  return state.withLock { $0.parts.flatMap { $0 } }
}

/// Which chunks are taken and done.
private struct ParallelState<Result> {
  var next = 0
  var done = 0
  var parts: [[Result]]
}
