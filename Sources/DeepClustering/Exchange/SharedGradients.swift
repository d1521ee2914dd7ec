import Collectives
import DenseMath

/// Gradients of ranks that share memory. The weights lie there once for all of them; each rank puts its gradient
/// beside the others', sums a part of the rows over all ranks, and updates these rows of the weights. So neither
/// sums nor weights are ever copied, and the update, which every rank would do alike, is shared out.
final class SharedGradients {
  private let memory: SharedMemory
  private let rank: Int
  private let size: Int
  private let weights: [UnsafeMutablePointer<Float>]
  /// Of each rank, its gradient of each layer's weights.
  private var gradients: [[UnsafeMutablePointer<Float>]] = []
  /// Of each rank, its gradient of each layer's biases, and the extras.
  private var small: [[UnsafeMutablePointer<Float>]] = []
  /// Of each rank, what the largest is sought of.
  private var maxima: [UnsafeMutablePointer<Float>] = []
  private let maximaCount: Int
  /// Layers whose gradients are there; `weights.count` is the extras.
  private var started: [Int] = []

  /// Moves the weights, and where their gradient goes, into memory that all ranks share. Collective.
  ///
  /// - Returns: nil, on all ranks, where they cannot share memory.
  init?(
    _ network: inout FeedForward, gradient: inout FeedForward, extras: Int,
    over world: any Communicator
  ) {
    let lengths = network.layers.map(\.weight.count)
    let smallLengths = network.layers.map(\.bias.count) + [extras]
    let columns = network.layers.reduce(0) { $0 + $1.inputDimension + $1.outputDimension }
    func bytes(_ lengths: [Int]) -> Int {
      lengths.reduce(0) { $0 + SharedMemory.bytes(floats: $1) }
    }
    let each = bytes(lengths) + bytes(smallLengths) + bytes([columns])
    guard let memory = SharedMemory(bytes: bytes(lengths) + world.size * each, over: world) else {
      return nil
    }
    self.memory = memory
    (rank, size, maximaCount) = (world.rank, world.size, columns)
    weights = lengths.map { memory.take(floats: $0) }
    for _ in 0..<world.size {
      gradients.append(lengths.map { memory.take(floats: $0) })
      small.append(smallLengths.map { memory.take(floats: $0) })
      maxima.append(memory.take(floats: columns))
    }
    for l in network.layers.indices {
      let (rows, columns) = (network.layers[l].inputDimension, network.layers[l].outputDimension)
      if world.isRoot {
        network.layers[l].weight.withUnsafeElements {
          weights[l].update(from: $0.baseAddress!, count: $0.count)
        }
      }
      network.layers[l].weight = Matrix(
        rows: rows, columns: columns, at: weights[l], keeping: memory)
      gradient.layers[l].weight = Matrix(
        rows: rows, columns: columns, at: gradients[rank][l], keeping: memory)
    }
    memory.meet()
  }

  /// The rows, of `count`, that this rank sums and updates.
  func part(of count: Int) -> Range<Int> { share(of: count, part: rank, of: size) }

  /// This rank's gradient of a layer is there.
  func start(_ layer: Int, _ gradient: Dense) { put(gradient.bias, layer) }

  func start(extras: [Float]) { put(extras, weights.count) }

  private func put(_ values: [Float], _ slot: Int) {
    values.withUnsafeBufferPointer {
      small[rank][slot].update(from: $0.baseAddress!, count: $0.count)
    }
    started.append(slot)
  }

  /// values ← the largest of all ranks.
  func largest(_ values: inout [Float]) {
    precondition(values.count <= maximaCount)
    values.withUnsafeMutableBufferPointer { values in
      maxima[rank].update(from: values.baseAddress!, count: values.count)
      memory.meet()
      for other in maxima { for i in values.indices { values[i] = max(values[i], other[i]) } }
    }
  }

  /// Waits for all ranks' gradients and sums them: all biases and extras, this rank's part of the weights.
  func finish(into gradient: inout FeedForward, extras: inout [Float]) {
    memory.meet()
    for slot in started {
      if slot < weights.count {
        sum(slot, &gradient.layers[slot].weight)
        take(&gradient.layers[slot].bias, slot)
      } else {
        take(&extras, slot)
      }
    }
    started.removeAll(keepingCapacity: true)
  }

  private func sum(_ layer: Int, _ gradient: inout Matrix) {
    let columns = gradient.columns
    let rows = part(of: gradient.rows)
    let (gradients, rank) = (gradients, rank)
    gradient.withUnsafeMutableElements { sum in
      nonisolated(unsafe) let (sum, gradients) = (sum, gradients)
      Threads.split(rows.count, grain: 64) { part in
        let first = (rows.lowerBound + part.lowerBound) * columns
        let count = part.count * columns
        for other in gradients.indices where other != rank {
          let theirs = gradients[other][layer]
          for i in first..<first + count { sum[i] += theirs[i] }
        }
      }
    }
  }

  private func take(_ values: inout [Float], _ slot: Int) {
    values.withUnsafeMutableBufferPointer { values in
      values.update(repeating: 0)
      // In the ranks' order on every rank, so that all have the same.
      for other in small { for i in values.indices { values[i] += other[slot][i] } }
    }
  }

  /// Waits until all ranks have updated their rows of the weights. Collective.
  func publish(_ network: FeedForward) {
    for (layer, place) in zip(network.layers, weights) {
      precondition(
        layer.weight.withUnsafeElements { $0.baseAddress == UnsafePointer(place) },
        "weights were copied out of the memory that the ranks share")
    }
    memory.meet()
  }

  /// Gives the network weights of its own.
  func release(_ network: inout FeedForward) {
    for l in network.layers.indices {
      let weight = network.layers[l].weight
      network.layers[l].weight = weight.rows(0..<weight.rows)
    }
  }
}
