import Collectives
import Datasets
import DeepClustering
import Diagnostics
import Measurement

extension DatasetInfo {
  /// Checks that every host has the memory for a training run on this dataset. Collective; before
  /// anything large is allocated.
  ///
  /// - Throws: A failure that says how much is needed, how much there is, and what to lower.
  func checkMemory(
    layers: [Int], optimizer: OptimizerKind, over world: any Communicator
  ) throws {
    let here = world.hosts?.within.size ?? 1
    let estimate = MemoryEstimate(
      samples: samples, features: features, layers: layers)
    let needed =
      Double(here)
      * estimate.bytes(
        moments: optimizer == .adam ? 2 : 1, ranks: world.size, ranksPerHost: here)
    func size(_ bytes: Double) -> String { "\(Format.fixed(bytes / 1e9, 1)) GB" }
    try world.together {
      guard let available = AvailableMemory.bytes, needed > available else { return }
      throw Failure(
        .work,
        "\(here) ranks on a host need about \(size(needed)), \(size(available)) are available: "
          + "\(features) features into layers of \(layers.map(String.init).joined(separator: ","))"
          + "; lower the features, --layers or the ranks on a host")
    }
    try world.together {
      // OpenBLAS 0.3.21 asks for its buffers for ever where it gets none; they, the threads' stacks
      // and malloc's arenas take address space, if little memory.
      let each = needed / Double(here) + 250e6
      guard let left = AvailableMemory.addressSpace, each > left else { return }
      throw Failure(
        .work,
        "a rank needs about \(size(each)) of address space, and ulimit -v leaves it \(size(left)); "
          + "raise the limit by ulimit -v unlimited")
    }
  }
}
