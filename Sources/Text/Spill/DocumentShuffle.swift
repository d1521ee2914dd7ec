import Datasets
import Diagnostics
import Glibc

/// The documents of one rank, sorted into buckets, in one file: blocks of records of a bucket each,
/// then a table of the blocks.
///
/// A record is: row in the bucket, length of the id, id, label + 1, length of the opening, opening,
/// number of features, then each feature ascending: its step from the last times 2, and 1 more
/// where a count above 1 follows.
final class DocumentShuffle {
  private struct Piece {
    var bucket: Int64
    var offset: Int64
    var count: Int64
  }

  private static let bufferBytes = 1 << 17

  private let file: File
  private var fileBytes = 0
  private var pieces: [Piece] = []
  private var buffers: [UnsafeMutablePointer<UInt8>]
  private var capacities: [Int]
  private var used: [Int]

  init(path: String, buckets: Int) throws {
    file = try File(writing: path, truncating: true)
    buffers = (0..<buckets).map { _ in .allocate(capacity: Self.bufferBytes) }
    capacities = [Int](repeating: Self.bufferBytes, count: buckets)
    used = [Int](repeating: 0, count: buckets)
  }

  deinit { for buffer in buffers { buffer.deallocate() } }

  /// Returns space for a record of up to `bytes` bytes in a bucket.
  func room(_ bytes: Int, in bucket: Int) throws -> UnsafeMutablePointer<UInt8> {
    if used[bucket] + bytes > capacities[bucket] {
      try flush(bucket)
      if bytes > capacities[bucket] {
        buffers[bucket].deallocate()
        buffers[bucket] = .allocate(capacity: bytes)
        capacities[bucket] = bytes
      }
    }
    return buffers[bucket] + used[bucket]
  }

  func commit(upTo end: UnsafeMutablePointer<UInt8>, in bucket: Int) {
    used[bucket] = end - buffers[bucket]
  }

  private func flush(_ bucket: Int) throws {
    guard used[bucket] > 0 else { return }
    try file.write(
      UnsafeRawBufferPointer(start: buffers[bucket], count: used[bucket]), at: fileBytes)
    pieces.append(
      Piece(bucket: Int64(bucket), offset: Int64(fileBytes), count: Int64(used[bucket])))
    fileBytes += used[bucket]
    used[bucket] = 0
  }

  func finish() throws {
    for bucket in used.indices { try flush(bucket) }
    let table = pieces.flatMap { [$0.bucket, $0.offset, $0.count] } + [Int64(pieces.count)]
    try table.withUnsafeBytes { try file.write($0, at: fileBytes) }
  }

  /// Reads the file of one rank.
  struct Reader {
    private let file: File
    private let pieces: [Piece]

    init(_ path: String) throws {
      let file = try File(reading: path)
      let size = try file.size
      func values(_ count: Int, at offset: Int) throws -> [Int64] {
        var values = [Int64](repeating: 0, count: count)
        let read = try values.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
        guard read == count * 8 else {
          throw Failure.io(file.path, "a temporary file was cut short")
        }
        return values
      }
      let count = Int(try values(1, at: size - 8)[0])
      let table = try values(count * 3, at: size - 8 - count * 24)
      self.file = file
      pieces = (0..<count).map {
        Piece(bucket: table[$0 * 3], offset: table[$0 * 3 + 1], count: table[$0 * 3 + 2])
      }
    }

    func bytes(of bucket: Int) -> Int {
      pieces.reduce(0) { $0 + ($1.bucket == bucket ? Int($1.count) : 0) }
    }

    /// Reads the records of a bucket into `buffer`, which must be large enough.
    func read(_ bucket: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
      var done = 0
      for piece in pieces where piece.bucket == bucket {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + Int(piece.count)])
        guard try file.read(into: part, at: Int(piece.offset)) == part.count else {
          throw Failure.io(file.path, "a temporary file was cut short")
        }
        done += part.count
      }
    }
  }
}
