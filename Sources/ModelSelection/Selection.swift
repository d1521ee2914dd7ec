import DenseMath

/// What the curves over k suggest: three numbers of clusters, and how sure each is.
///
/// Three looks at the data propose them. Where clusterings of subsamples agree most, against what
/// they would without clusters: the highest corrected stability. Into how many parts the graph of
/// neighbours falls: the largest eigengap, of the code's graph or of the input's, whichever is
/// larger. And where another cluster explains much less than the ones before: the elbow of the gap
/// statistic. Where these are alike, the next peaks of the corrected stability follow, until there
/// are three.
public struct Selection: Codable, Equatable, Sendable {
  /// In ascending order of k.
  public var answers: [Answer]
  /// Whether the stability or the eigengap singles out an answer; where the curves are flat, none
  /// is clear.
  public var isClear: Bool
  /// That in words.
  public var verdict: String
  public var curves: [CurvePoint]

  /// A number of clusters.
  public struct Answer: Codable, Equatable, Sendable {
    /// "coarse", "middle" or "fine".
    public var name: String
    /// The number of clusters.
    public var k: Int
    /// How often k is an answer where the curves are drawn anew from their intervals, 0 to 1.
    public var confidence: Double
    /// The corrected stability at k.
    public var correctedStability: Double
    /// Whether this one has the highest corrected stability.
    public var isBest: Bool
    /// Whether the largest eigengap is here.
    public var isEigengap: Bool
    /// Whether the elbow of the gap is here.
    public var isElbow: Bool
  }

  /// Draws for the confidence.
  private static let draws = 200

  /// - Parameter curves: Of consecutive k, in ascending order, at least two.
  public init(_ curves: [CurvePoint], seed: Int = 0) {
    precondition(curves.count >= 2)
    self.curves = curves
    let proposal = Proposal(curves)
    var random = RandomStream(seed: UInt64(seed), .sample, 3000)
    // One spectrum has no interval: its gaps are as uncertain as the usual one is large.
    let spread = CurvePoint.eigengaps(of: curves).sorted()[curves.count / 2]
    var hits: [Int: Int] = [:]
    var (bestHits, eigengapHits) = (0, 0)
    for _ in 0..<Self.draws {
      let drawn = Proposal(curves.map { $0.drawn(&random, eigengapSpread: spread) })
      for k in drawn.clusters { hits[k, default: 0] += 1 }
      if drawn.best == proposal.best { bestHits += 1 }
      if let eigengap = drawn.eigengap, eigengap == proposal.eigengap { eigengapHits += 1 }
    }
    let names = proposal.clusters.count == 3 ? ["coarse", "middle", "fine"] : ["coarse", "fine"]
    answers = zip(names, proposal.clusters).map { name, k in
      Answer(
        name: name, k: k, confidence: Double(hits[k] ?? 0) / Double(Self.draws),
        correctedStability: curves.first { $0.clusters == k }!.correctedStability,
        isBest: k == proposal.best, isEigengap: k == proposal.eigengap,
        isElbow: k == proposal.elbow)
    }
    let best = curves.first { $0.clusters == proposal.best }!.correctedStability
    let isStable = best > 0.25 && 2 * bestHits > Self.draws
    // Half of the draws could be luck where two gaps are much larger than the others.
    let isParted = 10 * eigengapHits > 9 * Self.draws
    isClear = isStable || isParted
    verdict =
      isClear
      ? [
        isStable ? "\(proposal.best) clusters are the most stable against chance" : nil,
        isParted ? proposal.eigengap.map { "the graph of neighbours falls into \($0) parts" } : nil,
      ].compactMap { $0 }.joined(separator: "; ")
      : "no clear k: the curves are flat, and the answers little better than others"
  }
}

/// The answers that curves propose.
struct Proposal {
  /// The k of the highest corrected stability.
  let best: Int
  /// The largest eigengap; nil where there is none.
  let eigengap: Int?
  /// The elbow of the gap; nil where it has none.
  let elbow: Int?
  /// Three numbers of clusters, or as many as there are, ascending.
  let clusters: [Int]

  init(_ curves: [CurvePoint]) {
    let values = curves.map(\.correctedStability)
    let ranked = curves.indices.sorted { values[$0] > values[$1] }
    let peaks = ranked.filter { i in
      (i == 0 || values[i] > values[i - 1]) && (i == values.count - 1 || values[i] > values[i + 1])
    }
    best = curves[ranked[0]].clusters
    elbow = Self.elbow(of: curves.map(\.gap)).map { curves[$0].clusters }
    let gaps = CurvePoint.eigengaps(of: curves)
    let widest = gaps.indices.max { gaps[$0] < gaps[$1] }!
    eigengap = gaps[widest] > 0 ? curves[widest].clusters : nil
    var chosen = [best]
    for k in [eigengap, elbow].compactMap({ $0 }) + (peaks + ranked).map({ curves[$0].clusters })
    where chosen.count < 3 && !chosen.contains(k) {
      chosen.append(k)
    }
    clusters = chosen.sorted()
  }

  /// Where a rising curve is farthest above its chord (Satopää et al. 2011, "Kneedle"); nil where
  /// that is at one of its ends.
  static func elbow(of values: [Double]) -> Int? {
    let last = values.count - 1
    let slope = (values[last] - values[0]) / Double(last)
    let farthest = values.indices.max {
      values[$0] - slope * Double($0) < values[$1] - slope * Double($1)
    }!
    return (1..<last).contains(farthest) ? farthest : nil
  }
}

extension CurvePoint {
  /// The eigengaps of the graph with the largest one.
  fileprivate static func eigengaps(of curves: [CurvePoint]) -> [Double] {
    let (code, input) = (curves.map(\.codeEigengap), curves.map(\.inputEigengap))
    return code.max()! >= input.max()! ? code : input
  }

  /// The point as other subsamples might give it: normally distributed within its intervals.
  fileprivate func drawn(
    _ random: inout RandomStream, eigengapSpread spread: Double
  ) -> CurvePoint {
    var point = self
    point.stability = min(1, stability + stabilityInterval / 1.96 * random.normal())
    point.gap += gapInterval / 1.96 * random.normal()
    let shift = spread * random.normal()
    (point.codeEigengap, point.inputEigengap) = (codeEigengap + shift, inputEigengap + shift)
    return point
  }
}
