/// How much of a text is in scripts that are written without blanks between words, such as Chinese,
/// Japanese and Thai: there a token is all that stands between two marks, and hardly occurs twice.
public struct UnspacedText: Equatable, Sendable {
  /// Characters of such scripts in tokens.
  public var characters = 0
  /// Tokens that have such characters.
  public var tokens = 0

  /// The characters of such scripts in a token, on average.
  public var meanLength: Double { Double(characters) / Double(max(1, tokens)) }

  /// Whether most of a text is in such scripts, and nobody has put blanks between its words: words
  /// of Chinese have 2 characters, of Thai 4, and clauses 10 and more.
  ///
  /// - Parameter textBytes: The size of the whole text; a character of these scripts has 3 bytes.
  public func isMost(of textBytes: Int) -> Bool {
    2 * 3 * characters > textBytes && meanLength > 6
  }

  /// Adds a token.
  ///
  /// - Parameter characters: Its characters of such scripts.
  @inline(__always)
  mutating func addToken(of characters: Int) {
    guard characters > 0 else { return }
    self.characters += characters
    tokens += 1
  }

  /// Whether a character belongs to such a script: Thai, Lao, Myanmar, Khmer, kana and Han.
  @inline(__always)
  static func includes(_ scalar: UInt32) -> Bool {
    guard scalar >= 0xe00 else { return false }
    switch scalar {
    case 0xe00..<0xf00, 0x1000..<0x10a0, 0x1780..<0x1800, 0x3040..<0x3100, 0x3400..<0x4dc0,
      0x4e00..<0xa000, 0xf900..<0xfb00, 0xff66..<0xffa0, 0x20000..<0x40000:
      return true
    default: return false
    }
  }
}
