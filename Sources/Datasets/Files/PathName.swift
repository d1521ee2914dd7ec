import Glibc

/// Paths as Strings, without loss. A byte of a name that is not UTF-8 (such as in a Latin-1 name)
/// is represented by the private scalar U+10FF00 plus the byte, and is restored when the file is
/// opened.
public enum PathName {
  private static let escapes: ClosedRange<UInt32> = 0x10_ff80...0x10_ffff

  /// A command-line argument: a path if a file of that name exists, otherwise text.
  public static func argument(_ text: UnsafePointer<CChar>) -> String {
    access(text, F_OK) == 0 ? string(text) : String(cString: text)
  }

  /// Decodes a name from the operating system.
  static func string(_ name: UnsafePointer<CChar>) -> String {
    var bytes: [UInt8] = []
    var next = name
    while next.pointee != 0 {
      bytes.append(UInt8(bitPattern: next.pointee))
      next += 1
    }
    var result = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var place = 0
    func keep(_ count: Int) {
      for byte in bytes[place..<place + count] {
        result.append(Unicode.Scalar(0x10_ff00 + UInt32(byte)) ?? "\u{fffd}")
      }
      place += count
    }
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        // A name that contains such a scalar is escaped byte by byte, so that decoding is
        // unambiguous.
        if escapes.contains(scalar.value) {
          keep(encoded.count)
        } else {
          result.append(scalar)
          place += encoded.count
        }
      case .error(let length): keep(length)
      case .emptyInput: return String(result)
      }
    }
  }

  /// Calls `body` with the path as the operating system has it.
  static func withBytes<T>(of path: String, _ body: (UnsafePointer<CChar>) -> T) -> T {
    guard hasEscapes(path) else { return path.withCString(body) }
    var bytes: [CChar] = []
    for scalar in path.unicodeScalars {
      if escapes.contains(scalar.value) {
        bytes.append(CChar(bitPattern: UInt8(scalar.value & 0xff)))
      } else {
        bytes += Unicode.UTF8.encode(scalar)!.map { CChar(bitPattern: $0) }
      }
    }
    return (bytes + [0]).withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  /// The path for messages: each byte that is not UTF-8 is shown as U+FFFD.
  static func shown(_ path: String) -> String {
    guard hasEscapes(path) else { return path }
    var result = String.UnicodeScalarView()
    for scalar in path.unicodeScalars {
      result.append(escapes.contains(scalar.value) ? "\u{fffd}" : scalar)
    }
    return String(result)
  }

  private static func hasEscapes(_ path: String) -> Bool {
    path.utf8.contains(0xf4) && path.unicodeScalars.contains { escapes.contains($0.value) }
  }
}
