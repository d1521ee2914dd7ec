import Datasets
import Diagnostics
import Glibc

/// Which documents of the dataset lie in which bucket: buckets are what one rank puts in order at a time,
/// in memory.
package struct BucketPlan {
  /// Documents of the dataset.
  package let samples: Int
  package let buckets: Int
  /// Documents a bucket; fewer in the last ones.
  let rows: Int

  /// - Parameter bytes: Of all ranks' records; a bucket has about 32 MiB of them.
  package init(samples: Int, bytes: Int, ranks: Int) {
    self.samples = samples
    let wanted = max(bytes >> 25, ranks)
    rows = max(1, (samples + wanted - 1) / wanted)
    buckets = (samples + rows - 1) / rows
  }

  func range(_ bucket: Int) -> Range<Int> { bucket * rows..<min(samples, (bucket + 1) * rows) }
}

/// What a bucket holds; summed over all ranks.
struct BucketTally {
  static let fields = 3
  var nonzeros: Int64 = 0
  var idBytes: Int64 = 0
  var empty: Int64 = 0

  static func pack(_ tallies: [BucketTally]) -> [Int64] {
    tallies.flatMap { [$0.nonzeros, $0.idBytes, $0.empty] }
  }

  static func unpack(_ values: [Int64]) -> [BucketTally] {
    stride(from: 0, to: values.count, by: fields).map {
      BucketTally(nonzeros: values[$0], idBytes: values[$0 + 1], empty: values[$0 + 2])
    }
  }
}

/// One rank's documents sorted into buckets, in one file: pieces of buckets, then a table of the pieces.
///
/// A record is: row in the bucket, length of the id, id, label + 1, number of features, then each
/// feature ascending: its step from the last times 2, and 1 more where a count above 1 follows.
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

  /// Room for a record of up to `bytes` in a bucket.
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

  /// Reads one rank's file back.
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

    /// Reads a bucket's records into `buffer`, which has the room.
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

/// A set of features that gives them back in order: a bit each, and a bit for each word that has any.
struct FeatureSet {
  private var words: UnsafeMutablePointer<UInt64>
  private var summary: UnsafeMutablePointer<UInt64>
  private let summaryCount: Int
  let counts: UnsafeMutablePointer<UInt32>

  init(features: Int) {
    let wordCount = (features + 63) / 64
    summaryCount = (wordCount + 63) / 64
    words = .allocate(capacity: wordCount)
    words.initialize(repeating: 0, count: wordCount)
    summary = .allocate(capacity: summaryCount)
    summary.initialize(repeating: 0, count: summaryCount)
    counts = .allocate(capacity: max(1, features))
  }

  func deallocate() {
    words.deallocate()
    summary.deallocate()
    counts.deallocate()
  }

  @inline(__always)
  func insert(_ feature: Int, count: UInt32) {
    words[feature >> 6] |= 1 << UInt64(feature & 63)
    summary[feature >> 12] |= 1 << UInt64((feature >> 6) & 63)
    counts[feature] = count
  }

  /// Takes all features out, ascending.
  @inline(__always)
  func drain(_ body: (Int, UInt32) -> Void) {
    for i in 0..<summaryCount {
      while summary[i] != 0 {
        let word = i << 6 | summary[i].trailingZeroBitCount
        summary[i] &= summary[i] - 1
        var bits = words[word]
        words[word] = 0
        while bits != 0 {
          let feature = word << 6 | bits.trailingZeroBitCount
          bits &= bits - 1
          body(feature, counts[feature])
        }
      }
    }
  }
}
