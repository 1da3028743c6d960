import _PolicyTestSupport

/// Any bytes as a pattern and a string: no trap, and fast, slow and textbook readings agree.
///
///     ARMORC_FUZZ=1 swift build -c release --sanitize fuzzer --sanitize address --product FuzzGlob \
///       -Xswiftc -use-ld=lld -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library
///     SWIFT_BACKTRACE=enable=no .build/release/FuzzGlob -max_total_time=60 -timeout=10 Tests/Fuzz/Regressions/FuzzGlob
///
/// `--sanitize fuzzer` alone links libFuzzer but leaves the code without coverage counters: libFuzzer then runs blind.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGlob(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  // SAFETY: libFuzzer hands in `count` readable bytes that live for the call.
  let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  if let failure = GlobCheck.failure(of: input) { fatalError(failure) }
  return 0
}
