import Bundle
import _ImageTestSupport

/// Bytes taken as a map image, as they are and with the right digest: refused, or answered from inside.
///
///     scripts/fuzz 60 0 FuzzImage
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // libFuzzer hands in `count` readable bytes that live for the call.
  let file = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
  if ImageProperty.check(file, events: ImageProperty.events) != nil {
    _ = ImageProperty.check(ImageFile.sealed(file), events: ImageProperty.events)
  }
  return 0
}
