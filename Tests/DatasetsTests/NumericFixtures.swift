import Foundation

@testable import Datasets

/// Numeric corpora read completely into memory, for comparison.
enum NumericFixtures {
  static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden").path

  static func dense(_ documents: NumericCorpus) throws -> [[Float]] {
    let d = documents.features
    switch documents.rows {
    case .dense(let rows):
      return (0..<rows.count).map { i in
        var row = [Float](repeating: .nan, count: d)
        row.withUnsafeMutableBufferPointer { rows.read(i, into: $0) }
        return row
      }
    case .sparse(let rows):
      let all = try rows.entries()
      return (0..<rows.count).map { i in
        var row = [Float](repeating: 0, count: d)
        for e in rows.entries(of: i) { row[Int(all.indices[e] - rows.firstIndex)] = all.values[e] }
        return row
      }
    }
  }

  /// Whether the values are finite, and the indices of each row ascend and are below d.
  static func isSound(_ documents: NumericCorpus) throws -> Bool {
    guard case .sparse(let rows) = documents.rows else { return true }
    let all = try rows.entries()
    for i in 0..<rows.count {
      var previous: Int32 = -1
      for e in rows.entries(of: i) {
        let index = all.indices[e] - rows.firstIndex
        guard index > previous, index < rows.features, all.values[e].isFinite else { return false }
        previous = index
      }
    }
    return true
  }
}
