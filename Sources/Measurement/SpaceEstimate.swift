import DeepClustering
import Glibc

/// An estimate of the disk space that a training run takes, in bytes.
package struct SpaceEstimate: Equatable {
  /// One checkpoint, of which there are three while the third is written.
  package var checkpointBytes: Double
  /// What the run leaves in the end.
  package var resultBytes: Double

  package var bytes: Double { 3 * checkpointBytes + resultBytes }

  /// - Parameters:
  ///   - clusters: k; nil where nothing is clustered.
  ///   - moments: Numbers that the optimizer keeps for each parameter.
  package init(
    samples: Int, features: Int, layers: [Int], clusters: Int?, moments: Int, trials: Int
  ) {
    let network = MemoryEstimate(samples: samples, features: features, layers: layers)
      .parameterBytes
    let n = Double(samples)
    // The network and its moments, the autoencoder or the start beside it, and two networks and the
    // assignments of each trial before.
    checkpointBytes = network * Double(2 + moments + 2 * (trials - 1))
    // A line of ids.txt and of assignments.tsv has some 30 and 60 bytes.
    resultBytes = network + 30 * n
    guard let clusters else { return }
    checkpointBytes += network + 4 * n * Double(2 + trials)
    let kept = min(clusters, 100)
    resultBytes += network + n * Double(60 + 8 + 4 * layers.last! + 4 * kept)
  }

  /// The bytes that a folder's file system has left for this user; nil where it does not say.
  package static func available(in folder: String) -> Double? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0, status.f_blocks > 0 else { return nil }
    return Double(status.f_bavail) * Double(status.f_frsize)
  }
}
