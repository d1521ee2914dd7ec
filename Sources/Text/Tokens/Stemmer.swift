import CStemmer
import Datasets

/// libstemmer's stemmer of a language, for lower-case UTF-8; English is Porter 2.
final class Stemmer {
  private let handle: OpaquePointer

  /// - Parameter language: One of `TextSettings.languages`.
  init(language: String) {
    guard let handle = sb_stemmer_new(language, "UTF_8") else {
      preconditionFailure("libstemmer without \(language)")
    }
    self.handle = handle
  }

  deinit { sb_stemmer_delete(handle) }

  /// The stem of `token`, valid until the next call.
  func stem(_ token: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    // The library counts in Int32; a longer token is not a word.
    guard token.count < 1 << 16,
      let stem = sb_stemmer_stem(
        handle, token.baseAddress!.assumingMemoryBound(to: UInt8.self), Int32(token.count))
    else { return token }
    return UnsafeRawBufferPointer(start: stem, count: Int(sb_stemmer_length(handle)))
  }
}

extension TextSettings {
  /// libstemmer's names of the languages that it has stemmers of, sorted.
  public static var languages: [String] {
    var names: [String] = []
    var next = sb_stemmer_list()
    while let name = next?.pointee {
      names.append(String(cString: name))
      next = next?.successor()
    }
    return names.sorted()
  }

  /// The stemmer of these settings; nil where words stay as they are.
  func stemmer() -> Stemmer? { stems ? Stemmer(language: language) : nil }
}
