import ClusteringMetrics
import Collectives
import DeepClustering

/// Scores clusters against the labels over all ranks: once an event, for the observers behind it in
/// the list.
public final class Scorer: TrainingObserver {
  private let labels: [Int32]?
  private let classCount: Int
  private let world: any Communicator
  /// The scores of the event at work; nil where it brings no clusters, or nothing is labelled.
  public private(set) var latest: Scores?

  /// - Parameters:
  ///   - labels: The classes of this rank's documents; nil on all ranks where the dataset has none.
  ///   - classCount: Classes over all ranks.
  public init(labels: [Int32]?, classCount: Int, over world: any Communicator) {
    self.labels = labels
    self.classCount = classCount
    self.world = world
  }

  public func observe(_ event: TrainingEvent) {
    latest = event.assignments.flatMap { score($0, clusters: event.clusterSizes!.count) }
  }

  /// Scores the clusters of this rank's documents with those of all others; nil without labels.
  /// Collective.
  public func score(_ assignments: [Int32], clusters: Int) -> Scores? {
    // Ranks agree on whether there are labels: the file is there for all.
    guard let labels, classCount > 0 else { return nil }
    var table = Contingency(
      labels: labels, assignments: assignments, clusters: clusters, classes: classCount)
    world.allReduce(&table.counts)
    return table.samples > 0 ? Scores(table) : nil
  }
}
