import Datasets
import Diagnostics

/// The texts of a run's documents: the dataset itself where it comes from text, or another dataset
/// of the same documents as text, for a run on embeddings.
struct DocumentTexts {
  let dataset: DatasetFolder
  /// The row in `dataset` of each document of the run; nil where they are in the same order.
  private let rows: [Int]?

  init(_ dataset: DatasetFolder) {
    self.dataset = dataset
    rows = nil
  }

  /// Finds each document of the run among those of `dataset`: by its id, or where the ids are
  /// others by its place.
  ///
  /// - Parameter ids: Of the run's documents, in their order.
  /// - Throws: `Failure.badInput` where the documents are not those of the run.
  init(_ dataset: DatasetFolder, ofDocuments ids: [String]) throws {
    self.dataset = dataset
    let known = try dataset.ids(0..<dataset.info.samples)
    if known == ids {
      rows = nil
      return
    }
    let places = Dictionary(zip(known, known.indices)) { first, _ in first }
    let rows = ids.compactMap { places[$0] }
    if rows.count == ids.count {
      self.rows = rows
    } else if known.count == ids.count {
      self.rows = nil
    } else {
      throw Failure.badInput(
        dataset.info.source,
        "has \(known.count) texts for the \(ids.count) documents of the run, and other ids",
        hint: "give the texts that the embeddings were made from, one a document")
    }
  }

  /// The cluster of each text, -1 for one that is no document of the run.
  func clusters(_ assignments: [Int32]) -> [Int32] {
    guard let rows else { return assignments }
    var clusters = [Int32](repeating: -1, count: dataset.info.samples)
    for (document, row) in rows.enumerated() { clusters[row] = assignments[document] }
    return clusters
  }

  /// The openings of the given documents of the run.
  func openings(of documents: [Int]) throws -> [Int: String] {
    guard let rows else { return try dataset.openings(of: documents) }
    let found = try dataset.openings(of: documents.map { rows[$0] })
    return Dictionary(
      documents.compactMap { document in found[rows[document]].map { (document, $0) } },
      uniquingKeysWith: { first, _ in first })
  }
}
