/// A dataset restricted to chosen documents, such as a sample, a validation split or some classes.
///
/// In it documents are numbered from 0 on, in the order of the dataset: to training it is a dataset
/// of its own with `samples` documents.
public struct Subset: Sendable {
  public let dataset: DatasetFolder
  /// The chosen documents' indices in the dataset, ascending.
  public let documents: [Int]

  /// - Parameter documents: Indices in the dataset, ascending, each once.
  public init(of dataset: DatasetFolder, documents: [Int]) {
    precondition(
      zip(documents, documents.dropFirst()).allSatisfy { $0 < $1 }, "documents not ascending")
    precondition(
      (documents.first ?? 0) >= 0 && (documents.last ?? 0) < dataset.info.samples,
      "documents beyond the dataset's")
    self.dataset = dataset
    self.documents = documents
  }

  /// The number of chosen documents.
  public var samples: Int { documents.count }

  /// The rows of the subset's documents `range`, checked. They stay where they are in the dataset's
  /// files, which are mapped from the first of them to the last.
  public func shard(_ range: Range<Int>) throws -> Shard {
    Shard(try dataset.shard(stretch(range)), documents: documents[range], range: range)
  }

  /// Classes of the subset's documents `range`, -1 for none; nil where the dataset has no labels.
  public func labels(_ range: Range<Int>) throws -> [Int32]? {
    let stretch = stretch(range)
    return try dataset.labels(stretch).map { labels in
      documents[range].map { labels[$0 - stretch.lowerBound] }
    }
  }

  /// The dataset's documents from the first to the last of `range`.
  private func stretch(_ range: Range<Int>) -> Range<Int> {
    let chosen = documents[range]
    guard let first = chosen.first, let last = chosen.last else { return 0..<0 }
    return first..<last + 1
  }
}
