import DenseMath
import Diagnostics

extension DatasetWriter {
  /// Writes a numeric corpus, with all values multiplied by one factor.
  ///
  /// - Parameter scale: The factor; nil for the one that makes the mean of (1/d)‖x‖² equal to 1.
  public func write(_ documents: NumericCorpus, scale: Double?) throws -> DatasetInfo {
    guard documents.corpus.count > 0, documents.features > 0 else {
      throw Failure.badInput(source, "has no documents")
    }
    return switch documents.rows {
    case .dense(let rows): try write(documents.corpus, rows, documents.picture, scale)
    case .sparse(let rows): try write(documents.corpus, rows, scale)
    }
  }

  /// The factor that makes the mean of (1/d)‖x‖² equal to 1; 1 where all values are 0.
  private func factor(squares: Double, count: Int, d: Int) -> Double {
    squares > 0 ? (Double(count * d) / squares).squareRoot() : 1
  }

  private func write(
    _ corpus: Corpus, _ rows: SparseStore, _ scale: Double?
  ) throws -> DatasetInfo {
    let order = order.documents(of: corpus.count, limit: limit)
    let d = rows.features
    var starts: [Int64] = [0]
    starts.reserveCapacity(order.count + 1)
    var (empty, squares) = (0, 0.0)
    for document in order {
      let count = rows.entryCount(of: document)
      if count == 0 { empty += 1 }
      starts.append(starts.last! + Int64(count))
      squares += rows.squares[document]
    }
    let factor = scale ?? factor(squares: squares, count: order.count, d: d)
    let nonzeros = Int(starts.last!)
    let folder = try PartialFolder(for: output, replacing: replacing)
    try NPYWriter.create(
      path: "\(folder.path)/indptr.npy", shape: [starts.count], type: .int64
    ).write(starts, atRow: 0)
    let indices = try NPYWriter.create(
      path: "\(folder.path)/indices.npy", shape: [nonzeros], type: .int32
    ).rows(from: 0)
    let data = try NPYWriter.create(
      path: "\(folder.path)/data.npy", shape: [nonzeros], type: .float32
    ).rows(from: 0)
    let all = try rows.entries()
    progress.total = order.count
    for (place, document) in order.enumerated() {
      progress.advance(to: place)
      let entries = rows.entries(of: document)
      try indices.append(all.indices[entries].map { $0 - rows.firstIndex })
      let values = all.values[entries].map { Float(Double($0) * factor) }
      guard values.allSatisfy(\.isFinite) else {
        throw Failure.usage("--scale \(factor) takes values beyond float32")
      }
      try data.append(values)
    }
    try indices.flush()
    try data.flush()
    return try finish(
      folder, corpus, order,
      DatasetInfo(
        layout: .csr, samples: order.count, features: d, nonzeros: nonzeros, classNames: [],
        seed: self.order.seed(keeping: order.count, of: corpus.count), source: source,
        corpusSamples: corpus.count, emptySamples: empty, scale: factor))
  }

  private func write(
    _ corpus: Corpus, _ rows: any DenseRows, _ picture: PictureShape?, _ scale: Double?
  ) throws -> DatasetInfo {
    let order = order.documents(of: corpus.count, limit: limit)
    let d = rows.features
    let folder = try PartialFolder(for: output, replacing: replacing)
    let path = "\(folder.path)/dense.npy"
    let writer = try NPYWriter.create(path: path, shape: [order.count, d], type: .float32)
    let file = writer.rows(from: 0)
    // In blocks of 4 MiB: all threads fill one, then it is written.
    let blockRows = max(1, min(order.count, (1 << 20) / d))
    let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: blockRows * d)
    defer { block.deallocate() }
    var blockSquares = [Double](repeating: 0, count: blockRows)
    var (empty, squares) = (0, 0.0)
    progress.total = order.count
    for start in stride(from: 0, to: order.count, by: blockRows) {
      progress.advance(to: start)
      let count = min(blockRows, order.count - start)
      blockSquares.withUnsafeMutableBufferPointer { blockSquares in
        Threads.split(count, grain: max(1, (1 << 14) / d)) { part in
          for i in part {
            let row = UnsafeMutableBufferPointer(rebasing: block[i * d..<(i + 1) * d])
            rows.read(order[start + i], into: row)
            if let scale, scale != 1 { Self.scale(row, by: scale) }
            blockSquares[i] = row.reduce(0.0) { $0 + Double($1) * Double($1) }
          }
        }
      }
      for i in 0..<count {
        guard blockSquares[i].isFinite else {
          let (path, place) = rows.place(of: order[start + i])
          throw Failure.badInput(
            path, at: place, "holds NaN, infinity or a number beyond float32",
            hint: "remove or replace such values")
        }
        if blockSquares[i] == 0 { empty += 1 }
        squares += blockSquares[i]
      }
      try file.append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: block[..<(count * d)])))
    }
    try file.flush()
    let factor = scale ?? factor(squares: squares, count: order.count, d: d)
    if scale == nil, factor != 1 {
      // The rows are in order now: a second sequential pass over them is cheaper than reading the
      // input twice, perhaps in random order.
      try Self.rescale(path, shape: [order.count, d], by: factor)
    }
    return try finish(
      folder, corpus, order,
      DatasetInfo(
        layout: .dense, samples: order.count, features: d, nonzeros: order.count * d,
        classNames: [], seed: self.order.seed(keeping: order.count, of: corpus.count),
        source: source, corpusSamples: corpus.count, emptySamples: empty, scale: factor,
        picture: picture))
  }

  private static func scale(_ values: UnsafeMutableBufferPointer<Float>, by factor: Double) {
    for i in values.indices { values[i] = Float(Double(values[i]) * factor) }
  }

  /// Multiplies all elements of a `.npy` file of float32.
  private static func rescale(_ path: String, shape: [Int], by factor: Double) throws {
    let file = try File(writing: path, truncating: false)
    let header = NPY.header(shape: shape, type: .float32).count
    let count = shape.reduce(1, *)
    let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: 1 << 20)
    defer { block.deallocate() }
    for start in stride(from: 0, to: count, by: block.count) {
      let part = UnsafeMutableBufferPointer(rebasing: block[..<min(block.count, count - start)])
      let bytes = UnsafeMutableRawBufferPointer(part)
      guard try file.read(into: bytes, at: header + start * 4) == bytes.count else {
        throw Failure.io(path, "cannot be read back")
      }
      Threads.split(part.count, grain: 1 << 16) {
        scale(UnsafeMutableBufferPointer(rebasing: part[$0]), by: factor)
      }
      try file.write(UnsafeRawBufferPointer(bytes), at: header + start * 4)
    }
  }
}
