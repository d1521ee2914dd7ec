import Collectives
import DenseMath

/// The weights and gradients of a network in memory that the ranks of one host share.
///
/// The weights lie there once for all of them; each rank puts its gradient beside the others', sums
/// a range of the rows over all, and updates these rows of the weights. So neither sums nor weights
/// are ever copied, and the update, which every rank would do alike, is shared out.
final class HostMemory {
  private let memory: SharedMemory
  private let rank: Int
  private let size: Int
  /// Rows, columns and address of each layer's weight.
  private let rows: [Int]
  private let columns: [Int]
  private let weights: [UnsafeMutablePointer<Float>]
  /// `gradients[r][l]`: rank r's gradient of the weight of layer l.
  private var gradients: [[UnsafeMutablePointer<Float>]] = []
  /// `small[r][l]`: rank r's gradient of the bias of layer l; behind the layers what else it sums.
  private var small: [[UnsafeMutablePointer<Float>]] = []
  /// `maxima[r]`: column maxima that rank r contributes to an all-reduce.
  private var maxima: [UnsafeMutablePointer<Float>] = []
  private let maximaCount: Int
  /// What the host's first rank broadcasts to the others.
  private let common: UnsafeMutablePointer<Float>
  private let commonCount: Int

  /// Moves the weights and the gradient into memory that the ranks of a host share. Collective.
  ///
  /// - Parameter sumCount: Numbers that a step sums beside the layers.
  /// - Returns: nil, on all ranks, where they cannot share memory.
  init?(
    _ network: inout FeedForward, gradient: inout FeedForward, sumCount: Int, on hosts: Hosts
  ) {
    let ranks = hosts.within
    let lengths = network.layers.map(\.weight.count)
    let smallLengths = network.layers.map(\.bias.count) + [sumCount]
    rows = network.layers.map(\.inputDimension)
    columns = network.layers.map(\.outputDimension)
    maximaCount = rows.reduce(0, +) + columns.reduce(0, +)
    func bytes(_ lengths: [Int]) -> Int {
      lengths.reduce(0) { $0 + SharedMemory.bytes(floats: $1) }
    }
    commonCount = max(maximaCount, smallLengths.reduce(0, +))
    let each = bytes(lengths) + bytes(smallLengths) + bytes([maximaCount])
    guard
      let memory = SharedMemory(
        bytes: bytes(lengths) + bytes([commonCount]) + ranks.size * each, on: hosts)
    else {
      return nil
    }
    self.memory = memory
    (rank, size) = (ranks.rank, ranks.size)
    weights = lengths.map { memory.take(floats: $0) }
    common = memory.take(floats: commonCount)
    for _ in 0..<size {
      gradients.append(lengths.map { memory.take(floats: $0) })
      small.append(smallLengths.map { memory.take(floats: $0) })
      maxima.append(memory.take(floats: maximaCount))
    }
    for l in network.layers.indices {
      // All have the same weights. Memory lies near who writes it first, so each writes its rows.
      let part = share(of: rows[l], part: rank, of: size)
      network.layers[l].weight.withUnsafeElements {
        (weights[l] + part.lowerBound * columns[l]).update(
          from: $0.baseAddress! + part.lowerBound * columns[l], count: part.count * columns[l])
      }
      network.layers[l].weight = Matrix(
        rows: rows[l], columns: columns[l], at: weights[l], keeping: memory)
      gradient.layers[l].weight = Matrix(
        rows: rows[l], columns: columns[l], at: gradients[rank][l], keeping: memory)
    }
    memory.barrier()
  }

  /// The rows, of `count`, that this rank sums and updates.
  func updatedRows(of count: Int) -> Range<Int> { share(of: count, part: rank, of: size) }

  /// Shows this rank's gradient of a layer to the others.
  func put(_ gradient: Dense, _ layer: Int) {
    require(gradient.weight, at: gradients[rank][layer])
    put(gradient.bias, slot: layer)
  }

  /// Shows the others what this rank sums beside the layers.
  func put(sums values: [Float]) { put(values, slot: weights.count) }

  private func put(_ values: [Float], slot: Int) {
    values.withUnsafeBufferPointer {
      small[rank][slot].update(from: $0.baseAddress!, count: $0.count)
    }
  }

  /// Returns when the host's ranks have all called it: each then finds what the others put.
  func barrier() { memory.barrier() }

  /// values ← the elementwise maxima of the host's ranks. At most once between two other barriers.
  func allReduceMax(_ values: inout [Float]) {
    precondition(values.count <= maximaCount)
    values.withUnsafeMutableBufferPointer { values in
      maxima[rank].update(from: values.baseAddress!, count: values.count)
      memory.barrier()
      for other in maxima { for i in values.indices { values[i] = max(values[i], other[i]) } }
    }
  }

  /// values ← what `body` makes of them on the host's first rank. At most once between two other
  /// barriers.
  func broadcastFromFirst(_ values: inout [Float], _ body: (inout [Float]) -> Void) {
    precondition(values.count <= commonCount)
    if rank == 0 {
      body(&values)
      values.withUnsafeBufferPointer {
        if let first = $0.baseAddress { common.update(from: first, count: $0.count) }
      }
    }
    memory.barrier()
    if rank != 0 { for i in values.indices { values[i] = common[i] } }
  }

  /// Adds the others' gradients of a layer to this rank's, in the rows that this rank updates.
  ///
  /// - Parameter onAllThreads: False where the threads are busy with the layers below.
  func sum(_ layer: Int, onAllThreads: Bool) {
    let columns = columns[layer]
    let rows = updatedRows(of: rows[layer])
    let rank = rank
    nonisolated(unsafe) let (gradients, own) = (gradients, gradients[rank][layer])
    func sum(_ part: Range<Int>) {
      let first = (rows.lowerBound + part.lowerBound) * columns
      let count = part.count * columns
      for other in gradients.indices where other != rank {
        let theirs = gradients[other][layer]
        for i in first..<first + count { own[i] += theirs[i] }
      }
    }
    if onAllThreads { Threads.split(rows.count, grain: 64, sum) } else { sum(0..<rows.count) }
  }

  /// bias ← the sum of the ranks' gradients of a layer's bias, in the order of the ranks on every
  /// rank, so that all have the same bits.
  func takeBias(_ layer: Int, _ bias: inout [Float]) { take(slot: layer, &bias) }

  /// values ← the sums of what the ranks put beside the layers, likewise.
  func takeSums(_ values: inout [Float]) { take(slot: weights.count, &values) }

  private func take(slot: Int, _ values: inout [Float]) {
    values.withUnsafeMutableBufferPointer { values in
      values.update(repeating: 0)
      for other in small { for i in values.indices { values[i] += other[slot][i] } }
    }
  }

  /// Waits until the host's ranks have all updated their rows of the weights.
  func publish(_ network: FeedForward) {
    for (layer, place) in zip(network.layers, weights) { require(layer.weight, at: place) }
    memory.barrier()
  }

  private func require(_ matrix: Matrix, at place: UnsafeMutablePointer<Float>) {
    precondition(
      matrix.withUnsafeElements { $0.baseAddress == UnsafePointer(place) },
      "copied out of the memory that the ranks share")
  }
}
