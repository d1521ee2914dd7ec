import Glibc

/// Files in which Linux describes itself.
enum SystemFile {
  /// The lines of a file that has no size, such as those of `/proc`; none where it cannot be read.
  static func lines(_ path: String) -> [String] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    let count = fread(&buffer, 1, buffer.count, file)
    return buffer[..<count].split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
  }
}
