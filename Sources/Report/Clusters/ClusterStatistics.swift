import Datasets

/// Statistics of each cluster for the report, from one pass over the embedding and one over q.
struct ClusterStatistics {
  /// A document that stands for its cluster, or lies at its border.
  struct Exemplar {
    /// Index of the document in the dataset.
    var document: Int
    /// q_ij of its own cluster.
    var probability: Float
    /// q_ij of the next cluster over that of its own: 1 for a document between the two.
    var rivalry: Float
    /// The next cluster; nil where there is none.
    var next: Int?
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
  /// bins of 0...1; an empty array where the run has no q. Many clusters, or a code of unit length,
  /// make all probabilities small, so the bins are fine.
  private(set) var histogram: [Int] = []
  /// The documents of each cluster whose rivalry is at least `strongRivalry`.
  private(set) var doubtful: [Int]
  /// The documents of each cluster with the highest probabilities, in descending order; among
  /// equals, the one closest to the cluster's mean first.
  private(set) var central: [[Exemplar]]
  /// The documents of each cluster with the strongest rivalry, in descending order.
  private(set) var borderline: [[Exemplar]]

  static let binCount = 200
  static let strongRivalry: Float = 0.9
  /// The documents that are kept of either kind: more than are shown, since several may have the
  /// same text.
  static let exemplarCount = 12
  /// The number of documents that are in memory at a time.
  private static let chunk = 4096

  /// - Parameter leavingOut: Documents, ascending, that stand for no cluster: those without any
  ///   feature.
  init(_ run: RunFiles, _ assignments: [Int32], leavingOut: [Int] = []) throws {
    clusterCount = run.clusterCount
    sizes = [Int](repeating: 0, count: clusterCount)
    doubtful = sizes
    central = [[Exemplar]](repeating: [], count: clusterCount)
    borderline = central
    for cluster in assignments where cluster >= 0 { sizes[Int(cluster)] += 1 }
    if let embedding = run.embedding { try addMeans(embedding, assignments) }
    if let q = run.softAssignment {
      try addProbabilities(q, run, assignments, leavingOut: Set(leavingOut))
    }
  }

  private mutating func addMeans(_ embedding: NPYReader, _ assignments: [Int32]) throws {
    let code = embedding.header.shape[1]
    means = [[Double]](repeating: [Double](repeating: 0, count: code), count: clusterCount)
    try Self.forEachChunk(assignments.count) { range in
      let z = try embedding.rows(range)
      for (i, document) in range.enumerated() where assignments[document] >= 0 {
        let cluster = Int(assignments[document])
        for a in 0..<code { means[cluster][a] += Double(z[i * code + a]) }
      }
    }
    for cluster in means.indices where sizes[cluster] > 0 {
      for a in 0..<code { means[cluster][a] /= Double(sizes[cluster]) }
    }
  }

  private mutating func addProbabilities(
    _ softAssignment: NPYReader, _ run: RunFiles, _ assignments: [Int32], leavingOut: Set<Int>
  ) throws {
    let columns = softAssignment.header.shape[1]
    meanProbabilities = [Double](repeating: 0, count: clusterCount)
    histogram = [Int](repeating: 0, count: Self.binCount)
    try Self.forEachChunk(assignments.count) { range in
      let q = try softAssignment.rows(range)
      let names = try run.softTopClusters?.integers(
        range.lowerBound * columns..<range.upperBound * columns)
      let z = try run.embedding?.rows(range)
      for (i, document) in range.enumerated() where assignments[document] >= 0 {
        let cluster = Int(assignments[document])
        let row = q[i * columns..<(i + 1) * columns]
        // Of many clusters the row has the largest, in descending order.
        let own = names == nil ? cluster : 0
        let probability = row[row.startIndex + own]
        guard probability.isFinite, probability > 0 else { continue }
        meanProbabilities[cluster] += Double(probability)
        let bin = Int(probability * Float(Self.binCount))
        histogram[min(max(bin, 0), Self.binCount - 1)] += 1
        let second = Self.largest(of: row, but: own)
        let rivalry = (second.map { row[row.startIndex + $0] } ?? 0) / probability
        if rivalry >= Self.strongRivalry { doubtful[cluster] += 1 }
        guard isExemplar(probability, rivalry, cluster), !leavingOut.contains(document) else {
          continue
        }
        insert(
          Exemplar(
            document: document, probability: probability, rivalry: rivalry,
            next: second.map { names?[i * columns + $0] ?? $0 },
            distance: z.map { distance($0, i, cluster) } ?? 0), in: cluster)
      }
    }
    for cluster in 0..<clusterCount { meanProbabilities[cluster] /= Double(max(1, sizes[cluster])) }
  }

  private static func largest(of row: ArraySlice<Float>, but own: Int) -> Int? {
    var best: Int?
    for j in 0..<row.count where j != own {
      if best.map({ row[row.startIndex + j] > row[row.startIndex + $0] }) ?? true { best = j }
    }
    return best
  }

  /// Whether a document is among the most or the least certain of its cluster so far.
  private func isExemplar(_ probability: Float, _ rivalry: Float, _ cluster: Int) -> Bool {
    central[cluster].count < Self.exemplarCount
      || probability >= central[cluster][Self.exemplarCount - 1].probability
      || rivalry > borderline[cluster][Self.exemplarCount - 1].rivalry
  }

  private mutating func insert(_ new: Exemplar, in cluster: Int) {
    Self.insert(new, into: &central[cluster]) {
      ($0.probability, -$0.distance) > ($1.probability, -$1.distance)
    }
    Self.insert(new, into: &borderline[cluster]) { $0.rivalry > $1.rivalry }
  }

  private static func insert(
    _ new: Exemplar, into list: inout [Exemplar], by precedes: (Exemplar, Exemplar) -> Bool
  ) {
    let index = list.firstIndex { precedes(new, $0) } ?? list.count
    guard index < exemplarCount else { return }
    list.insert(new, at: index)
    if list.count > exemplarCount { list.removeLast() }
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
