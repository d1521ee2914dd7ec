import Datasets
import DenseMath

/// A prepared corpus that experiments run on.
public struct CorpusEntry: Sendable {
  /// Its folder's name, which names its runs.
  public var name: String
  public var dataset: DatasetFolder
  /// The paper's corpus that it is, or is a part of.
  public var paper: PaperCorpus?
  /// r_min of Table 4; nil for a corpus that was not thinned.
  public var retentionRate: Double?

  public init(_ name: String, _ dataset: DatasetFolder) {
    self.name = name
    self.dataset = dataset
    paper = PaperCorpus(dataset.info)
  }

  /// k: as many clusters as there are classes, as in the paper.
  public var clusterCount: Int { dataset.info.classNames.count }

  /// Whether clusters of it can be scored.
  public var isLabelled: Bool { clusterCount > 1 }

  /// A corpus made of some of this one's documents.
  ///
  /// - Parameter suffix: Behind the name.
  public func restricted(to dataset: DatasetFolder, suffix: String) -> CorpusEntry {
    var entry = self
    (entry.name, entry.dataset) = (name + suffix, dataset)
    return entry
  }
}

/// Section 5.4: the documents that are kept where class 0 is kept at the rate r_min, the last class
/// at 1, and the others linearly in between. Documents without a class are left out.
///
/// - Parameters:
///   - labels: l_i, -1 for none.
///   - rate: r_min, 0 to 1.
/// - Returns: Indices, ascending.
public func retainedDocuments(
  labels: [Int32], classCount: Int, minimumRetentionRate rate: Double, seed: UInt64
) -> [Int] {
  precondition((0...1).contains(rate), "a rate of \(rate)")
  return labels.indices.filter { i in
    guard labels[i] >= 0 else { return false }
    let position = Double(labels[i]) / Double(max(1, classCount - 1))
    var random = RandomStream(seed: seed, .sample, i)
    return random.uniform() < rate + (1 - rate) * position
  }
}
