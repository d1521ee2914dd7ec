import Glibc

/// What becomes of a character beyond ASCII: lower-cased, decomposed (NFKD) and without combining
/// marks, as scikit-learn's `strip_accents="unicode"` after `str.lower()`.
///
/// All three work character by character (marks are dropped, so their order does not matter), except
/// Python's final sigma, which `Tokenizer` sees to. The mapping is a table because Swift's standard
/// library has no compatibility decomposition, and Foundation's would link ICU.
final class UnicodeFolding: @unchecked Sendable {
  struct Folded {
    var scalar: UInt32
    /// Whether Python's `\w` matches it.
    var isWord: Bool
  }

  static let shared = UnicodeFolding()

  /// Where a scalar's result lies in `results`; known for all of Unicode, 4 bytes each.
  private var places: UnsafeMutablePointer<UInt32>
  private var results: [Folded] = []
  private static let identity = UInt32.max
  private static let jamo = UInt32.max - 1

  private init() {
    let scalars = 0x11_0000
    places = .allocate(capacity: scalars)
    places.initialize(repeating: Self.identity, count: scalars)
    for scalar in 0xac00..<0xd7a4 { places[scalar] = Self.jamo }
    Self.table.withUTF8Buffer { text in
      for entry in text.split(separator: 0x20) { read(entry) }
    }
  }

  /// The characters that `scalar` (0x80 or above) becomes; none where it is a combining mark.
  @inline(__always)
  func folded(_ scalar: UInt32) -> Slice {
    switch places[Int(scalar)] {
    case Self.identity: Slice(single: Folded(scalar: scalar, isWord: Self.isWord(scalar)))
    case Self.jamo: Slice(syllable: scalar)
    case let place: Slice(results: results, at: Int(place))
    }
  }

  /// Up to a few characters, without a heap allocation.
  struct Slice: Sequence, IteratorProtocol {
    private var results: [Folded] = []
    private var next_ = 0
    private var end = 0
    private var inline: (Folded, Folded, Folded)
    private static let none = Folded(scalar: 0, isWord: false)

    init(single: Folded) {
      inline = (single, Self.none, Self.none)
      end = 1
    }

    /// A Hangul syllable's two or three letters.
    init(syllable: UInt32) {
      let index = syllable - 0xac00
      let tail = index % 28
      inline = (
        Folded(scalar: 0x1100 + index / 588, isWord: true),
        Folded(scalar: 0x1161 + index % 588 / 28, isWord: true),
        Folded(scalar: 0x11a7 + tail, isWord: true)
      )
      end = tail == 0 ? 2 : 3
    }

    /// The entry at `place`: its length, then its characters.
    init(results: [Folded], at place: Int) {
      self.results = results
      inline = (Self.none, Self.none, Self.none)
      next_ = place + 1
      end = next_ + Int(results[place].scalar)
    }

    @inline(__always)
    mutating func next() -> Folded? {
      guard next_ < end else { return nil }
      defer { next_ += 1 }
      if !results.isEmpty { return results[next_] }
      return next_ == 0 ? inline.0 : next_ == 1 ? inline.1 : inline.2
    }
  }

  /// Python's `str.isalnum` of one character: letters, and whatever has a numeric value.
  static func isWord(_ value: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(value) else { return false }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber:
      return true
    default: return scalar == "_" || scalar.properties.numericType != nil
    }
  }

  /// One entry of the table: `start[,count]>target[+target...]` or `start[,count]~`.
  private func read(_ entry: Slice8) {
    var numbers: [UInt32] = [0]
    var marks: [UInt8] = []
    for byte in entry {
      switch byte {
      case 0x2c, 0x2b, 0x3e, 0x7e:  // , + > ~
        marks.append(byte)
        numbers.append(0)
      default:
        let digit = UInt32(byte) - (byte < 0x3a ? 0x30 : 0x57)
        numbers[numbers.count - 1] = numbers.last! * (marks.last == 0x2c ? 10 : 16) + digit
      }
    }
    let start = numbers.removeFirst()
    var count: UInt32 = 1
    if marks.first == 0x2c { count = numbers.removeFirst() }
    let targets = marks.last == 0x7e ? [] : numbers
    for i in 0..<count {
      places[Int(start + i)] = UInt32(results.count)
      results.append(Folded(scalar: UInt32(targets.count), isWord: false))
      for target in targets {
        results.append(Folded(scalar: target + i, isWord: Self.isWord(target + i)))
      }
    }
  }

  private typealias Slice8 = UnsafeBufferPointer<UInt8>.SubSequence
}
