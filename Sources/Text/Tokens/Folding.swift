import Glibc

/// What is left of a character after lower-casing and scikit-learn's strip_accents="unicode" (NFKD
/// without combining marks), worked out once a character.
///
/// A record is the number of its pieces, then each piece: a length and so many bytes of UTF-8; length
/// 0 is a separator.
final class Folding {
  /// Where each scalar's record lies, plus 1; 0 where it is not known yet. Pages that no text
  /// touches stay without memory.
  private let places: UnsafeMutablePointer<UInt32>
  private var records: [UInt8] = []

  init() {
    let memory = calloc(0x11_0000, MemoryLayout<UInt32>.size)
    precondition(memory != nil, "no memory for 4 MiB")
    places = memory!.bindMemory(to: UInt32.self, capacity: 0x11_0000)
  }

  deinit { free(places) }

  /// Calls `body` with each piece of `scalar`: bytes of a word, or none for a separator.
  @inline(__always)
  func pieces(of scalar: UInt32, _ body: (UnsafeRawBufferPointer) -> Void) {
    if places[Int(scalar)] == 0 { learn(scalar) }
    var place = Int(places[Int(scalar)]) - 1
    records.withUnsafeBytes { records in
      let count = records[place]
      place += 1
      for _ in 0..<count {
        let length = Int(records[place])
        body(UnsafeRawBufferPointer(rebasing: records[place + 1..<place + 1 + length]))
        place += 1 + length
      }
    }
  }

  private func learn(_ value: UInt32) {
    places[Int(value)] = UInt32(records.count + 1)
    let start = records.count
    records.append(0)
    let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
    for lower in scalar.properties.lowercaseMapping.unicodeScalars {
      for part in Self.decomposition(of: lower.value) {
        let part = Unicode.Scalar(part) ?? "\u{fffd}"
        guard part.properties.canonicalCombiningClass == .notReordered else { continue }
        records[start] += 1
        if Self.isWord(part) {
          let bytes = Array(String(part).utf8)
          records.append(UInt8(bytes.count))
          records += bytes
        } else {
          records.append(0)
        }
      }
    }
  }

  /// Python's `\w`: letters, whatever has a numeric value, and the underscore.
  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber:
      return true
    default: return scalar == "_" || scalar.properties.numericType != nil
    }
  }

  /// NFKD of a lower-case scalar; combining marks may or may not be left in it.
  private static func decomposition(of scalar: UInt32) -> [UInt32] {
    if (0xac00..<0xd7a4).contains(scalar) {
      let syllable = scalar - 0xac00
      let trail = syllable % 28
      return [0x1100 + syllable / 588, 0x1161 + syllable % 588 / 28]
        + (trail > 0 ? [0x11a7 + trail] : [])
    }
    // The last entry that begins at or before the scalar.
    var (low, high) = (0, table.count)
    while low < high {
      let middle = (low + high) / 2
      if table[middle].first <= scalar { low = middle + 1 } else { high = middle }
    }
    guard low > 0, scalar - table[low - 1].first <= table[low - 1].more else { return [scalar] }
    let entry = table[low - 1]
    return entry.more == 0 ? entry.image : [entry.image[0] + (scalar - entry.first)]
  }

  private struct Entry {
    var first: UInt32
    var more: UInt32
    var image: [UInt32]
  }

  private static let table: [Entry] = decompositions.withUTF8Buffer { text in
    text.split(separator: 0x20).map { word in
      let halves = word.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
      let range = halves[0].split(separator: UInt8(ascii: "+")).map(hexadecimal)
      return Entry(
        first: range[0], more: range.count > 1 ? range[1] : 0,
        image: halves[1].split(separator: UInt8(ascii: ".")).map(hexadecimal))
    }
  }

  private static func hexadecimal(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt32 {
    digits.reduce(0) { $0 << 4 | UInt32($1 <= 0x39 ? $1 - 0x30 : $1 - 0x57) }
  }
}
