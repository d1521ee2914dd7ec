import Datasets

/// Statistics of each cluster for the report, from one pass over the embedding and one over q.
struct ClusterStatistics {
  /// A document with a high probability of its cluster.
  struct Representative {
    /// Index of the document in the dataset.
    var document: Int
    /// q_ij of its own cluster.
    var probability: Float
    /// The squared distance of its embedding to the mean of the cluster.
    var distance: Double
  }

  let clusterCount: Int
  /// The number of documents in each cluster.
  private(set) var sizes: [Int]
  /// The mean embedding of each cluster, `[clusters][code]`; 0 for an empty cluster. An empty array
  /// where the run has no embedding.
  private(set) var means: [[Double]] = []
  /// The mean over each cluster's documents of their q_ij of it; an empty array where the run has
  /// no q.
  private(set) var meanProbabilities: [Double] = []
  /// The number of documents by the probability of their own cluster, in `binCount` equally wide
  /// bins of 0...1; an empty array where the run has no q.
  private(set) var histogram: [Int] = []
  /// The documents of each cluster with the highest probabilities, in descending order; among
  /// equals, the one closest to the cluster's mean first.
  private(set) var representatives: [[Representative]]

  static let binCount = 20
  static let representativeCount = 3
  /// The number of documents that are in memory at a time.
  private static let chunk = 4096

  init(_ run: RunFiles, _ assignments: [Int32]) throws {
    clusterCount = run.clusterCount
    sizes = [Int](repeating: 0, count: clusterCount)
    representatives = [[Representative]](repeating: [], count: clusterCount)
    for cluster in assignments { sizes[Int(cluster)] += 1 }
    if let embedding = run.embedding { try addMeans(embedding, assignments) }
    if let q = run.softAssignment { try addProbabilities(q, run, assignments) }
  }

  private mutating func addMeans(_ embedding: NPYReader, _ assignments: [Int32]) throws {
    let code = embedding.header.shape[1]
    means = [[Double]](repeating: [Double](repeating: 0, count: code), count: clusterCount)
    try Self.forEachChunk(assignments.count) { range in
      let z = try embedding.rows(range)
      for (i, document) in range.enumerated() {
        let cluster = Int(assignments[document])
        for a in 0..<code { means[cluster][a] += Double(z[i * code + a]) }
      }
    }
    for cluster in means.indices where sizes[cluster] > 0 {
      for a in 0..<code { means[cluster][a] /= Double(sizes[cluster]) }
    }
  }

  private mutating func addProbabilities(
    _ softAssignment: NPYReader, _ run: RunFiles, _ assignments: [Int32]
  ) throws {
    let columns = softAssignment.header.shape[1]
    meanProbabilities = [Double](repeating: 0, count: clusterCount)
    histogram = [Int](repeating: 0, count: Self.binCount)
    try Self.forEachChunk(assignments.count) { range in
      let q = try softAssignment.rows(range)
      let z = try run.embedding?.rows(range)
      for (i, document) in range.enumerated() {
        let cluster = Int(assignments[document])
        // The largest is that of the document's own cluster.
        let probability = q[i * columns + (run.hasLargestOnly ? 0 : cluster)]
        guard probability.isFinite else { continue }
        meanProbabilities[cluster] += Double(probability)
        let bin = Int(probability * Float(Self.binCount))
        histogram[min(max(bin, 0), Self.binCount - 1)] += 1
        if let last = representatives[cluster].dropFirst(Self.representativeCount - 1).last,
          probability < last.probability
        {
          continue
        }
        insert(
          Representative(
            document: document, probability: probability,
            distance: z.map { distance($0, i, cluster) } ?? 0), in: cluster)
      }
    }
    for cluster in 0..<clusterCount { meanProbabilities[cluster] /= Double(max(1, sizes[cluster])) }
  }

  private mutating func insert(_ new: Representative, in cluster: Int) {
    let index =
      representatives[cluster].firstIndex {
        (new.probability, -new.distance) > ($0.probability, -$0.distance)
      } ?? representatives[cluster].count
    representatives[cluster].insert(new, at: index)
    if representatives[cluster].count > Self.representativeCount {
      representatives[cluster].removeLast()
    }
  }

  private func distance(_ z: [Float], _ row: Int, _ cluster: Int) -> Double {
    let code = means[cluster].count
    return (0..<code).reduce(0) { sum, a in
      let difference = Double(z[row * code + a]) - means[cluster][a]
      return sum + difference * difference
    }
  }

  static func forEachChunk(_ count: Int, _ body: (Range<Int>) throws -> Void) rethrows {
    for start in stride(from: 0, to: count, by: chunk) {
      try body(start..<min(count, start + chunk))
    }
  }
}

extension NPYReader {
  /// Reads rows of a float32 matrix.
  func rows(_ range: Range<Int>) throws -> [Float] {
    let columns = header.shape[1]
    return try elements(range.lowerBound * columns..<range.upperBound * columns, as: Float.self)
  }
}
