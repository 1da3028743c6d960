import IR
import _PolicyTestSupport

/// Bytes choose a subject and events; evaluator and decision table must agree on every one, and the meaning must not
/// depend on the order of rules.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // libFuzzer hands in `count` readable bytes that live for the call.
  let tape = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
  DecisionTableProperty.check(tape)
  return 0
}
