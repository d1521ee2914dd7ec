import CHost
import DenseMath
import Glibc

extension Shard {
  /// Replaces what `rows` holds by the given documents, in their order. Allocates nothing once `rows`
  /// has held as much.
  ///
  /// - Parameter documents: Numbers in the whole dataset, within `range`; any order, repeats allowed.
  public func gather(_ documents: [Int], into rows: inout InputRows) {
    check(rows)
    if isSparse {
      rows.sparse.removeAll()
      for (i, document) in documents.enumerated() {
        check(document)
        // The documents of a batch lie far apart: those to come are fetched while this one is copied.
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

  /// Replaces what `rows` holds by the documents of `documents`, in one copy where they follow each other.
  public func gather(_ documents: Range<Int>, into rows: inout InputRows) {
    check(rows)
    precondition(
      documents.lowerBound >= range.lowerBound && documents.upperBound <= range.upperBound,
      "documents \(documents) of a shard of \(range)")
    guard isContiguous else { return gather(Array(documents), into: &rows) }
    let first = documents.lowerBound - range.lowerBound
    if isSparse {
      rows.sparse.removeAll()
      let start = Int(rowStarts[first]) - base
      let end = Int(rowStarts[first + documents.count]) - base
      rows.sparse.indices.append(contentsOf: UnsafeBufferPointer(rebasing: indices[start..<end]))
      rows.sparse.values.append(contentsOf: UnsafeBufferPointer(rebasing: values[start..<end]))
      for i in 0..<documents.count {
        rows.sparse.rowStarts.append(Int(rowStarts[first + i + 1]) - base - start)
      }
    } else {
      rows.dense.resize(rows: documents.count)
      rows.dense.withUnsafeMutableElements { target in
        copy(from: first * features, documents.count * features, to: target, 0)
      }
    }
  }

  /// Documents.
  private static let ahead = 4

  private func prefetchStart(of document: Int) {
    check(document)
    chost_prefetch(rowStarts.baseAddress! + document - range.lowerBound)
  }

  private func prefetchEntries(of document: Int) {
    check(document)
    let entries = entries(of: document)
    // Sixteen to a cache line.
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
