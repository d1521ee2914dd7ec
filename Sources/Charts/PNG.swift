import CZlib
import FoundationEssentials

/// Small pictures inside a page, as PNG in data URIs.
package struct PNG {
  package enum Pixels: UInt8 {
    /// One byte a pixel.
    case grey = 0
    /// Four bytes a pixel: red, green, blue, and opacity.
    case rgba = 6

    var bytes: Int { self == .grey ? 1 : 4 }
  }

  /// A complete file.
  let bytes: [UInt8]

  /// - Parameter values: The pixels in row order.
  package init(_ pixels: Pixels, width: Int, height: Int, values: [UInt8]) {
    precondition(values.count == width * height * pixels.bytes)
    var lines: [UInt8] = []
    for row in 0..<height {
      lines.append(0)  // the filter: none
      lines += values[row * width * pixels.bytes..<(row + 1) * width * pixels.bytes]
    }
    var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    Self.append(
      "IHDR", Self.bytes(width) + Self.bytes(height) + [8, pixels.rawValue, 0, 0, 0], to: &file)
    Self.append("IDAT", Self.deflated(lines), to: &file)
    Self.append("IEND", [], to: &file)
    bytes = file
  }

  /// What stands in `src` or `href`.
  package var uri: String { "data:image/png;base64," + Data(bytes).base64EncodedString() }

  private static func bytes(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  private static func append(_ kind: String, _ data: [UInt8], to file: inout [UInt8]) {
    let body = Array(kind.utf8) + data
    file += bytes(data.count) + body + bytes(Int(crc32_z(0, body, body.count)))
  }

  private static func deflated(_ data: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(data.count))
    var packed = [UInt8](repeating: 0, count: Int(count))
    let status = compress2(&packed, &count, data, UInt(data.count), 9)
    precondition(status == Z_OK, "zlib could not compress into its own bound")
    return Array(packed[..<Int(count)])
  }
}
