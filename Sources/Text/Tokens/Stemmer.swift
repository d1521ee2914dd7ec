import CStemmer

/// libstemmer's English (Porter 2) stemmer, for lower-case UTF-8.
final class Stemmer {
  private let handle: OpaquePointer

  init() {
    guard let handle = sb_stemmer_new("english", "UTF_8") else {
      preconditionFailure("libstemmer without English")
    }
    self.handle = handle
  }

  deinit { sb_stemmer_delete(handle) }

  /// The stem of `token`, valid until the next call.
  func stem(_ token: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    // The library counts in Int32; nothing that long is a word.
    guard token.count < 1 << 16,
      let stem = sb_stemmer_stem(
        handle, token.baseAddress!.assumingMemoryBound(to: UInt8.self), Int32(token.count))
    else { return token }
    return UnsafeRawBufferPointer(start: stem, count: Int(sb_stemmer_length(handle)))
  }
}
