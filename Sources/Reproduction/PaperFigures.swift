import Datasets

/// A corpus of the paper, as its tables name it.
public enum PaperCorpus: String, CaseIterable, Sendable {
  case mnist = "MNIST"
  case stl = "STL-HOG"
  case reuters10k = "REUTERS-10k"
  case reuters = "REUTERS"

  /// The corpus that a dataset is, or is a part of, by how it was prepared; nil for one that the
  /// paper does not have.
  public init?(_ info: DatasetInfo) {
    let source = info.source.lowercased()
    let isOther = ["fashion", "kmnist", "emnist"].contains { source.contains($0) }
    switch source.prefix(while: { $0 != " " }) {
    case "lyrl2004": self = info.samples > 100_000 ? .reuters : .reuters10k
    case "stl10" where info.features == 1428: self = .stl
    case "idx" where info.features == 784 && info.classNames.count == 10 && !isOther:
      self = .mnist
    default: return nil
    }
  }
}

/// What the paper prints, with accuracies as shares of 1.
enum PaperFigures {
  /// Table 1: points, classes, dimension, and the share of the largest class.
  static let statistics: [PaperCorpus: (Int, Int, Int, Double)] = [
    .mnist: (70_000, 10, 784, 0.11), .stl: (13_000, 10, 1428, 0.10),
    .reuters10k: (10_000, 4, 2000, 0.43), .reuters: (685_071, 4, 2000, 0.43),
  ]

  /// Tables 2 and 3: the best of nine settings. A missing entry is N/A.
  static let accuracies: [Method: [PaperCorpus: Double]] = [
    .kMeans: [.mnist: 0.5349, .stl: 0.2839, .reuters10k: 0.5242, .reuters: 0.5329],
    .ldmgi: [.mnist: 0.8409, .stl: 0.3308, .reuters10k: 0.4384],
    .sec: [.mnist: 0.8037, .stl: 0.3075, .reuters10k: 0.6008],
    .frozen: [.mnist: 0.7982, .stl: 0.3406, .reuters10k: 0.7005, .reuters: 0.6962],
    .aeKMeans: [.mnist: 0.8184, .stl: 0.3392, .reuters10k: 0.6659, .reuters: 0.7197],
    .aeLDMGI: [.mnist: 0.8398, .stl: 0.3204, .reuters10k: 0.4292],
    .aeSEC: [.mnist: 0.8156, .stl: 0.3229, .reuters10k: 0.6186],
    .dec: [.mnist: 0.8430, .stl: 0.3590, .reuters10k: 0.7217, .reuters: 0.7563],
  ]

  /// Table 4, on MNIST: by the least retention rate, in the order of `retentionRates`.
  static let imbalanced: [Method: [Double]] = [
    .kMeans: [0.4714, 0.4993, 0.5365, 0.5416, 0.5439],
    .aeKMeans: [0.6682, 0.7491, 0.7793, 0.8004, 0.8131],
    .dec: [0.7010, 0.8092, 0.8268, 0.8469, 0.8541],
  ]

  /// r_min of Table 4.
  static let retentionRates = [0.1, 0.3, 0.5, 0.7, 0.9]

  /// The paper's figure for a method on a corpus; nil where it has none.
  static func accuracy(of method: Method, on corpus: CorpusEntry) -> Double? {
    guard let paper = corpus.paper else { return nil }
    guard let rate = corpus.retentionRate else { return accuracies[method]?[paper] }
    guard paper == .mnist, let place = retentionRates.firstIndex(of: rate) else { return nil }
    return imbalanced[method]?[place]
  }
}
