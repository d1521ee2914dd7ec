import DeepClustering
import DenseMath

/// The work of one thread.
final class AssignmentWorker {
  private let number: Int
  private let source: any AssignmentSource
  private let assigner: Assigner
  private let format: AssignmentFormat
  private let workspace: Assigner.Workspace
  private var output: [UInt8] = []
  private var failure: (any Error)?
  private(set) var empty = 0
  private(set) var sizes: [Int]

  init(
    _ number: Int, _ source: any AssignmentSource, _ assigner: Assigner, _ format: AssignmentFormat
  ) {
    self.number = number
    self.source = source
    self.assigner = assigner
    self.format = format
    workspace = assigner.workspace(isSparse: source.isSparse)
    sizes = [Int](repeating: 0, count: assigner.centroids.rows)
  }

  /// Assigns the documents of `tiles` that are in `documents`.
  func assign(_ tiles: Range<Int>, _ documents: Range<Int>) {
    do {
      for tile in tiles {
        let first = tile * Assigner.tile
        try assign((first..<first + Assigner.tile).clamped(to: documents), at: first)
      }
    } catch {
      failure = error
    }
  }

  private func assign(_ documents: Range<Int>, at first: Int) throws {
    guard !documents.isEmpty else { return }
    try source.fill(&workspace.rows, with: documents, thread: number)
    countEmptyRows()
    let q = assigner.softAssignment(workspace, at: documents.lowerBound - first)
    let rows = Rows(q)
    for (i, document) in documents.enumerated() {
      let best = rows.argmax(i)
      sizes[best] += 1
      format.append(
        id: { source.appendID(of: document, to: &$0) },
        UnsafeBufferPointer(start: rows[i], count: q.columns), cluster: Int32(best), to: &output)
    }
  }

  private func countEmptyRows() {
    let rows = workspace.rows
    if rows.isSparse {
      let starts = rows.sparse.rowStarts
      for i in 0..<rows.rows where starts[i] == starts[i + 1] { empty += 1 }
    } else {
      rows.dense.withUnsafeElements {
        for i in 0..<rows.rows {
          let row = $0[i * rows.columns..<(i + 1) * rows.columns]
          if row.allSatisfy({ $0 == 0 }) { empty += 1 }
        }
      }
    }
  }

  /// The output since the last call.
  func take() throws -> [UInt8] {
    defer { output.removeAll(keepingCapacity: true) }
    if let failure { throw failure }
    return output
  }
}
