import CHost
import DenseMath
import Glibc

extension Shard {
  /// Replaces the contents of `rows` by the given documents, in the given order. Allocates nothing
  /// once `rows` has held as much.
  ///
  /// - Parameter documents: Indices in the dataset, all within `range`; in any order, repeats
  ///   allowed.
  public func gather(_ documents: [Int], into rows: inout InputRows) {
    check(rows)
    if isSparse {
      rows.sparse.removeAll()
      for (i, document) in documents.enumerated() {
        check(document)
        // The documents of a minibatch lie far apart in memory: the next ones are fetched into the
        // cache while this one is copied.
        if i + 2 * Self.ahead < documents.count { prefetchStart(of: documents[i + 2 * Self.ahead]) }
        if i + Self.ahead < documents.count { prefetchEntries(of: documents[i + Self.ahead]) }
        let entries = entries(of: document)
        rows.sparse.appendRow(
          indices: UnsafeBufferPointer(rebasing: indices[entries]),
          values: UnsafeBufferPointer(rebasing: values[entries]))
      }
    } else {
      rows.dense.resize(rows: documents.count)
      rows.dense.withUnsafeMutableElements { target in
        for (i, document) in documents.enumerated() {
          check(document)
          copy(from: start(of: document), features, to: target, i * features)
        }
      }
    }
  }

  /// Replaces the contents of `rows` by a range of documents, in one copy where they follow each
  /// other in memory.
  public func gather(_ documents: Range<Int>, into rows: inout InputRows) {
    check(rows)
    precondition(
      documents.lowerBound >= range.lowerBound && documents.upperBound <= range.upperBound,
      "documents \(documents) of a shard of \(range)")
    guard isContiguous else { return gather(Array(documents), into: &rows) }
    let offset = documents.lowerBound - range.lowerBound
    if isSparse {
      rows.sparse.removeAll()
      let start = Int(rowStarts[offset]) - base
      let end = Int(rowStarts[offset + documents.count]) - base
      rows.sparse.indices.append(contentsOf: UnsafeBufferPointer(rebasing: indices[start..<end]))
      rows.sparse.values.append(contentsOf: UnsafeBufferPointer(rebasing: values[start..<end]))
      for i in 0..<documents.count {
        rows.sparse.rowStarts.append(Int(rowStarts[offset + i + 1]) - base - start)
      }
    } else {
      rows.dense.resize(rows: documents.count)
      rows.dense.withUnsafeMutableElements { target in
        copy(from: offset * features, documents.count * features, to: target, 0)
      }
    }
  }

  /// How many documents ahead entries are prefetched.
  private static let ahead = 4

  private func prefetchStart(of document: Int) {
    check(document)
    chost_prefetch(rowStarts.baseAddress! + document - range.lowerBound)
  }

  private func prefetchEntries(of document: Int) {
    check(document)
    let entries = entries(of: document)
    // A cache line holds 16 indices or values.
    for e in stride(from: entries.lowerBound, to: entries.upperBound, by: 16) {
      chost_prefetch(indices.baseAddress! + e)
      chost_prefetch(values.baseAddress! + e)
    }
  }

  private func check(_ rows: InputRows) {
    precondition(
      rows.isSparse == isSparse && rows.columns == features,
      "rows of another kind or width than the shard's")
  }

  private func check(_ document: Int) {
    precondition(range.contains(document), "document \(document) of a shard of \(range)")
  }

  private func copy(
    from start: Int, _ count: Int, to target: UnsafeMutableBufferPointer<Float>, _ offset: Int
  ) {
    guard count > 0 else { return }
    memcpy(target.baseAddress! + offset, values.baseAddress! + start, count * 4)
  }
}
