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
    try world.together {
      guard let available = AvailableMemory.bytes, needed > available else { return }
      func size(_ bytes: Double) -> String { "\(Format.fixed(bytes / 1e9, 1)) GB" }
      throw Failure(
        .work,
        "\(here) ranks on a host need about \(size(needed)), \(size(available)) are available: "
          + "\(features) features into layers of \(layers.map(String.init).joined(separator: ","))"
          + "; lower the features, --layers or the ranks on a host")
    }
  }
}
