/// A phase of the method, in the order of Section 3 of the paper.
public enum TrainingPhase: Hashable, Sendable {
  /// Layer `stage`, from 1, learns to reconstruct its input (Section 3.2).
  case layerwise(stage: Int)
  /// All layers together reconstruct the data (Section 3.2).
  case finetune
  /// Centroids of the code (Section 3.2, end).
  case kMeans
  /// Embedding and centroids move towards the target distribution (Section 3.1).
  case kl

  /// The name in metrics, records and messages: "layerwise-1", "finetune", "kmeans" or "kl".
  public var name: String {
    switch self {
    case .layerwise(let stage): "layerwise-\(stage)"
    case .finetune: "finetune"
    case .kMeans: "kmeans"
    case .kl: "kl"
    }
  }
}
