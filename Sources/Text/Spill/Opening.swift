import Diagnostics

/// The beginning of a document as one line of UTF-8: what is not plain (`PlainText`) and runs of
/// blanks become one blank, and what is no UTF-8 becomes U+FFFD.
struct Opening {
  /// The characters (Unicode scalars) that are kept.
  let length: Int
  private(set) var bytes: [UInt8] = []
  private var characters = 0
  /// Whether a blank comes before the next character.
  private var isApart = false

  init(length: Int) { self.length = length }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    characters = 0
    isApart = false
  }

  /// Appends a text, apart from what came before.
  mutating func add(_ text: UnsafeRawBufferPointer) {
    isApart = true
    var i = 0
    while i < text.count, characters < length {
      let (value, size) = UTF8Decoding.scalar(in: text, at: i)
      let scalar = value.flatMap(Unicode.Scalar.init) ?? "\u{fffd}"
      if Self.isBlank(scalar) {
        isApart = true
      } else {
        append(scalar)
      }
      i += size
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    if isApart, characters > 0 {
      guard characters + 1 < length else {
        characters = length
        return
      }
      bytes.append(0x20)
      characters += 1
    }
    isApart = false
    bytes.append(contentsOf: UTF8.encode(scalar)!)
    characters += 1
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\u{a0}" || !PlainText.isPlain(scalar)
  }
}
