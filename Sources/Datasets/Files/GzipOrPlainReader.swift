import CZlib
import Diagnostics
import Glibc

/// Reads the bytes of a file in chunks, decompressing them if the file is gzipped. The first bytes
/// of the file decide that, not its name.
public final class GzipOrPlainReader {
  public let path: String
  public let isGzipped: Bool
  private let file: File
  private let end: Int?
  private var fileOffset: Int
  private let input: UnsafeMutableRawBufferPointer
  private let stream: UnsafeMutablePointer<z_stream>
  private var insideMember = false

  private static let inputBytes = 1 << 18
  private static let magic: [UInt8] = [0x1f, 0x8b]

  /// Opens `path`.
  ///
  /// - Parameter range: The bytes to read, for a plain regular file only; nil for all.
  public init(_ path: String, range: Range<Int>? = nil) throws {
    self.path = path
    file = try File(reading: path)
    input = .allocate(byteCount: Self.inputBytes, alignment: 16)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    end = range?.upperBound
    fileOffset = range?.lowerBound ?? 0
    if let range { try file.seek(to: range.lowerBound) }
    // The first bytes stay in the input buffer, so that a pipe works too.
    var count = 0
    while count < 2 && range == nil {
      let more = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: input[count...]))
      if more == 0 { break }
      count += more
    }
    isGzipped = count >= 2 && input[0] == Self.magic[0] && input[1] == Self.magic[1]
    fileOffset += count
    stream.pointee.next_in = input.baseAddress!.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(count)
    if isGzipped {
      let window = MAX_WBITS + 16  // 16: the gzip wrapper, its checksum included
      let code = inflateInit2_(stream, window, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      guard code == Z_OK else { throw Failure.io(path, "zlib cannot start (code \(code))") }
    }
  }

  deinit {
    if isGzipped { inflateEnd(stream) }
    stream.deallocate()
    input.deallocate()
  }

  /// Whether the file at `path` begins with gzip's magic number; false for a pipe, which cannot be
  /// read twice.
  public static func isGzipped(_ path: String) throws -> Bool {
    let file = try File(reading: path)
    var start = [UInt8](repeating: 0, count: 2)
    let count = try? start.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    return count == 2 && start == magic
  }

  /// The number of bytes of the file that have been consumed, before decompression.
  public var consumed: Int { fileOffset - Int(stream.pointee.avail_in) }

  /// Fills `buffer`.
  ///
  /// - Returns: The number of bytes, which is less than the buffer only at the end of the data.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    isGzipped ? try inflated(into: buffer) : try plain(into: buffer)
  }

  private func plain(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = min(Int(stream.pointee.avail_in), buffer.count)
    if done > 0 {
      memcpy(buffer.baseAddress!, stream.pointee.next_in, done)
      stream.pointee.next_in += done
      stream.pointee.avail_in -= UInt32(done)
    }
    while done < buffer.count {
      let wanted = min(buffer.count - done, (end ?? .max) - fileOffset)
      if wanted <= 0 { break }
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + wanted])
      let count = try file.read(into: rest)
      if count == 0 { break }
      done += count
      fileOffset += count
    }
    return done
  }

  private func inflated(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < buffer.count {
      if stream.pointee.avail_in == 0, try !refill() {
        if insideMember {
          throw Failure.badInput(
            path, at: "byte \(consumed)", "the gzip data end early",
            hint: "the file is cut short; copy or download it again")
        }
        break
      }
      if !insideMember, try !startMember() { continue }
      let room = UInt32(min(buffer.count - filled, 1 << 30))
      stream.pointee.next_out =
        (buffer.baseAddress! + filled).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = room
      let code = inflate(stream, Z_NO_FLUSH)
      filled += Int(room - stream.pointee.avail_out)
      switch code {
      case Z_OK: break
      case Z_STREAM_END: insideMember = false
      case Z_BUF_ERROR where stream.pointee.avail_in == 0: break
      default:
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
        throw Failure.badInput(
          path, at: "byte \(consumed)", "the gzip data are damaged (\(reason))",
          hint: "copy or download the file again")
      }
    }
    return filled
  }

  private func refill() throws -> Bool {
    let count = try file.read(into: input)
    fileOffset += count
    stream.pointee.next_in = input.baseAddress!.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(count)
    return count > 0
  }

  /// Skips zeros, and starts the next member: a gzipped file may have several members, and padding
  /// after the last one.
  /// - Returns: Whether another member begins here.
  private func startMember() throws -> Bool {
    while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
      stream.pointee.next_in += 1
      stream.pointee.avail_in -= 1
    }
    guard stream.pointee.avail_in > 0 else { return false }
    guard stream.pointee.next_in.pointee == Self.magic[0] else {
      throw Failure.badInput(
        path, at: "byte \(consumed)", "something else follows the gzip data",
        hint: "copy or download the file again")
    }
    inflateReset(stream)
    insideMember = true
    return true
  }
}
