import Glibc

/// Splits text into tokens as scikit-learn's CountVectorizer(strip_accents="unicode") does:
/// lower-case, without accents, then every longest run of letters, digits and underscores
/// (`\b\w\w+\b` where the minimum length is 2).
///
/// Input and output are bytes. A lower-case ASCII token is passed on as a pointer into the text,
/// without a copy.
final class Tokenizer {
  /// The number of invalid UTF-8 sequences, each of which separates tokens like U+FFFD.
  private(set) var invalidSequences = 0
  /// The tokens so far of scripts without blanks between words.
  private(set) var unspaced = UnspacedText()

  private let minimumLength: Int
  private let kinds: UnsafeMutablePointer<UInt8>
  private let folding = Folding()
  private var token: UnsafeMutablePointer<UInt8>
  private var capacity = 256

  // The kinds of bytes; 0 separates tokens.
  private static let plain: UInt8 = 1
  private static let capital: UInt8 = 2
  private static let beyondASCII: UInt8 = 4

  init(minimumLength: Int) {
    self.minimumLength = max(1, minimumLength)
    token = .allocate(capacity: capacity)
    kinds = .allocate(capacity: 256)
    for byte in 0..<256 {
      let isPlain = (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5f
      let isCapital = (0x41...0x5a).contains(byte)
      kinds[byte] =
        byte >= 0x80
        ? Self.beyondASCII : isPlain ? Self.plain : isCapital ? Self.capital : 0
    }
  }

  deinit {
    token.deallocate()
    kinds.deallocate()
  }

  /// Calls `body` with each token of `text`, valid during the call. A token never continues into
  /// the next text.
  @inline(__always)
  func tokens(
    in text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    guard let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    let kinds = kinds
    let minimum = minimumLength
    let end = start + text.count
    var next = start
    while next < end {
      var kind = kinds[Int(next.pointee)]
      if kind == 0 {
        next += 1
        continue
      }
      let first = next
      var seen: UInt8 = 0
      repeat {
        seen |= kind
        next += 1
        if next == end { break }
        kind = kinds[Int(next.pointee)]
      } while kind != 0
      let run = UnsafeRawBufferPointer(start: first, count: next - first)
      if seen & Self.beyondASCII != 0 {
        folded(run) { body($0) }
      } else if run.count >= minimum {
        body(seen == Self.plain ? run : lowerCased(run))
      }
    }
  }

  private func lowerCased(_ run: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    reserve(run.count)
    for i in 0..<run.count {
      token[i] = run[i] | (kinds[Int(run[i])] == Self.capital ? 0x20 : 0)
    }
    return UnsafeRawBufferPointer(start: token, count: run.count)
  }

  /// Splits a run that contains non-ASCII characters.
  private func folded(
    _ text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    var length = 0
    var continuations = 0  // bytes of the token beyond its characters
    var unspacedCharacters = 0  // of the token
    func flush() {
      if length > 0, length - continuations >= minimumLength {
        body(UnsafeRawBufferPointer(start: token, count: length))
        unspaced.addToken(of: unspacedCharacters)
      }
      (length, continuations, unspacedCharacters) = (0, 0, 0)
    }
    var i = 0
    while i < text.count {
      let start = i
      var (scalar, size) = UTF8Decoding.scalar(in: text, at: i)
      i += size
      if scalar == Self.capitalSigma, Self.endsWord(text, start, i) { scalar = Self.finalSigma }
      guard let scalar else {
        invalidSequences += 1
        flush()
        continue
      }
      if UnspacedText.includes(scalar) { unspacedCharacters += 1 }
      folding.pieces(of: scalar) { piece in
        if piece.isEmpty { return flush() }
        reserve(length + piece.count)
        memcpy(token + length, piece.baseAddress!, piece.count)
        length += piece.count
        continuations += piece.count - 1
      }
    }
    flush()
  }

  private static let capitalSigma: UInt32 = 0x3a3
  private static let finalSigma: UInt32 = 0x3c2

  /// Whether a Σ at `start ..< end` becomes ς: where a cased letter precedes it and none follows,
  /// ignoring case-ignorable characters (Unicode's Final_Sigma, within a run).
  private static func endsWord(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
    /// Whether the letter next to the Σ is cased: the last letter of `range`, or the first.
    func isCased(_ range: Range<Int>, last: Bool) -> Bool {
      var found = false
      var i = range.lowerBound
      while i < range.upperBound {
        let (value, size) = UTF8Decoding.scalar(in: text, at: i)
        i += size
        let properties = (value.flatMap(Unicode.Scalar.init) ?? "\u{fffd}").properties
        if properties.isCaseIgnorable { continue }
        found = properties.isCased
        if !last { break }
      }
      return found
    }
    return isCased(0..<start, last: true) && !isCased(end..<text.count, last: false)
  }

  private func reserve(_ count: Int) {
    guard count > capacity else { return }
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: count * 2)
    memcpy(larger, token, capacity)
    token.deallocate()
    token = larger
    capacity = count * 2
  }
}

/// Decodes UTF-8, one scalar at a time.
enum UTF8Decoding {
  /// Returns the scalar at `i` and its length; nil and the number of bytes to skip where the bytes
  /// are invalid.
  @inline(__always)
  static func scalar(
    in bytes: UnsafeRawBufferPointer, at i: Int
  ) -> (scalar: UInt32?, size: Int) {
    let first = UInt32(bytes[i])
    let (size, lead, least): (Int, UInt32, UInt32) =
      switch first {
      case 0..<0x80: (1, first, 0)
      case 0xc2..<0xe0: (2, first & 0x1f, 0x80)
      case 0xe0..<0xf0: (3, first & 0x0f, 0x800)
      case 0xf0..<0xf5: (4, first & 0x07, 0x1_0000)
      default: (0, 0, 0)
      }
    guard size > 0 else { return (nil, 1) }
    var scalar = lead
    for offset in 1..<max(size, 1) where size > 1 {
      guard i + offset < bytes.count, bytes[i + offset] & 0xc0 == 0x80 else {
        return (nil, offset)
      }
      scalar = scalar << 6 | UInt32(bytes[i + offset] & 0x3f)
    }
    guard scalar >= least, scalar < 0x11_0000, !(0xd800..<0xe000).contains(scalar) else {
      return (nil, size)
    }
    return (scalar, size)
  }
}
