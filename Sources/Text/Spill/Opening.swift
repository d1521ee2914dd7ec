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
      // Most of most texts.
      if case 0x21..<0x7f = text[i] {
        if makeRoom() { bytes.append(text[i]) }
        i += 1
        continue
      }
      let (value, size) = UTF8Decoding.scalar(in: text, at: i)
      let scalar = value.flatMap(Unicode.Scalar.init) ?? "\u{fffd}"
      if Self.isBlank(scalar) {
        isApart = true
      } else if makeRoom() {
        bytes.append(contentsOf: UTF8.encode(scalar)!)
      }
      i += size
    }
  }

  /// Counts the next character, and puts the blank before it where there has to be one.
  ///
  /// - Returns: False where there is no room for both: then the opening is complete.
  @inline(__always)
  private mutating func makeRoom() -> Bool {
    if isApart, characters > 0 {
      guard characters + 1 < length else {
        characters = length
        return false
      }
      bytes.append(0x20)
      characters += 1
    }
    isApart = false
    characters += 1
    return true
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\u{a0}" || !PlainText.isPlain(scalar)
  }
}
