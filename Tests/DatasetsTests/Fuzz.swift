import Diagnostics
import Glibc
import XCTest

@testable import Datasets

/// Mutates valid files at random from a seed. A reader must read the result or throw a `Failure`. A
/// trap ends the test process and leaves the file in /tmp/dec-fuzz-*; debug builds check every
/// access to a buffer, so reading past its end traps as well.
///
///     DEC_FUZZ_CASES=20000 swift test --filter Fuzz     more cases of each format
///     DEC_FUZZ_SEED=2                                   other cases
struct Fuzz {
  static let cases = number("DEC_FUZZ_CASES") ?? 300
  static let seed = number("DEC_FUZZ_SEED") ?? 1

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  private var state: UInt64
  /// Byte strings of the format that mutations insert.
  var words: [[UInt8]]

  init(name: String, words: [String] = []) {
    state = name.utf8.reduce(UInt64(Self.seed)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    self.words = words.map { Array($0.utf8) }
    for value: UInt64 in [0, 1, 0x7fff_ffff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, .max] {
      self.words.append(withUnsafeBytes(of: value, Array.init))
      self.words.append(withUnsafeBytes(of: UInt32(truncatingIfNeeded: value), Array.init))
    }
  }

  /// splitmix64.
  mutating func next(below bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(max(1, bound)))
  }

  /// A valid file with 1 to 4 changes, most of them at offsets that are likely to matter.
  mutating func mutated(_ good: [UInt8]) -> [UInt8] {
    var bytes = good
    for _ in 0...next(below: 4) {
      // Headers are at the beginning of a file, ZIP directories at the end.
      let place =
        switch next(below: 4) {
        case 0: next(below: min(bytes.count + 1, 256))
        case 1: max(0, bytes.count - next(below: 512))
        default: next(below: bytes.count + 1)
        }
      let end = min(bytes.count, place + 1 + next(below: 16))
      switch next(below: 8) {
      case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(next(below: 8))
      case 1 where place < bytes.count: bytes[place] = UInt8(next(below: 256))
      case 2: bytes.removeSubrange(place..<end)
      case 3: bytes.insert(contentsOf: bytes[place..<end], at: next(below: bytes.count + 1))
      case 4: bytes.insert(contentsOf: words[next(below: words.count)], at: place)
      case 5:
        let word = words[next(below: words.count)]
        bytes.replaceSubrange(place..<min(bytes.count, place + word.count), with: word)
      case 6 where next(below: 3) == 0: bytes.removeSubrange(place...)
      default:
        let digits = bytes.indices.prefix(1 << 12).filter { (0x30...0x39).contains(bytes[$0]) }
        if !digits.isEmpty {
          bytes[digits[next(below: digits.count)]] = 0x30 + UInt8(next(below: 10))
        }
      }
    }
    return bytes
  }

  /// - Parameters:
  ///   - good: Valid files, one of which is mutated at a time.
  ///   - read: Reads the file at a path. No other file is in its folder.
  /// - Returns: The number of mutated files that were read without an error.
  @discardableResult
  static func run(
    _ name: String, _ fileName: String, good: [[UInt8]], words: [String] = [],
    cases: Int = Fuzz.cases, _ read: (String) throws -> Void
  ) throws -> Int {
    var template = Array("/tmp/dec-fuzz-\(name)-XXXXXX".utf8CString)
    let folder = String(cString: mkdtemp(&template))
    let path = "\(folder)/\(fileName)"
    for bytes in good {
      try File.write(bytes, to: path)
      try read(path)
    }
    var fuzz = Fuzz(name: name, words: words)
    var fine = 0
    for number in 0..<cases {
      let bytes = fuzz.mutated(good[fuzz.next(below: good.count)])
      try File.write(bytes, to: path)
      do {
        try read(path)
        fine += 1
      } catch let failure as Failure {
        XCTAssertEqual(failure.exitCode, 65, "\(name), case \(number): \(failure)")
        XCTAssertFalse(failure.message.contains("\n"), "\(name), case \(number): \(failure)")
      } catch {
        XCTFail("\(name), case \(number): \(error)")
      }
    }
    system("rm -rf '\(folder)'")
    return fine
  }
}
