import COpenBLAS
import Collectives
import DenseMath
import Diagnostics

/// SEC: spectral embedded clustering (Nie, Zeng, Tsang, Xu and Zhang, IEEE Transactions on Neural
/// Networks 22(11), 2011): a normalised cut whose indicator is near a linear function of the
/// documents.
///
///     min tr(Fᵀ L_t F) + μ (‖X W + 1 bᵀ − F‖² + γ ‖W‖²),  Fᵀ F = I
///
/// F has the smallest eigenvectors of M = L_t + μ L_g (see `RidgeProjection`).
public struct SEC {
  public var parameters: SpectralParameters
  /// μ, the weight of the regression; 0 for the normalised cut.
  public var mu = 1e-4
  /// γ, the ridge of the regression.
  public var gamma = 1.0
  public var weight = EdgeWeight.selfTuned

  public init(_ parameters: SpectralParameters) { self.parameters = parameters }

  /// Above this μ the iteration on s I − M would not converge, and the inverse is used.
  static let muOfInverse = 10.0

  /// Clusters the documents of all ranks. Collective.
  ///
  /// - Parameter neighbours: At least `parameters.neighbours` of each document, and seven for
  ///   self-tuned weights.
  /// - Throws: `Failure.work`, on every rank, where eigenvectors fail their check.
  public func fit(_ data: SpectralData, _ neighbours: Neighbours) throws -> SpectralResult {
    let components = Components(of: neighbours, linkCount: parameters.neighbours)
    return try parameters.fit(data, components) {
      let rows = mu > 0 ? CentredRows(data.all) : nil
      return (try problem(neighbours, components, rows), mu)
    }
  }

  /// The eigenproblem of M.
  ///
  /// - Parameter rows: X_c; nil where μ is 0.
  func problem(
    _ neighbours: Neighbours, _ components: Components, _ rows: CentredRows?,
    denseLimit: Int = EigenProblem.denseLimit
  ) throws -> EigenProblem {
    let n = neighbours.samples
    let graph = AffinityGraph(neighbours, count: parameters.neighbours, weight)
    let (mu, gamma, a) = (mu, gamma, graph.normalized)
    /// y ← L_t x.
    func laplacian(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
      a.multiply(x, into: y)
      for i in 0..<n { y[i] = x[i] - y[i] }
    }
    let known = KnownVectors(components, weights: graph.degrees.map { $0.squareRoot() })
    var problem = EigenProblem(
      count: n, upperBound: 2 + mu, apply: laplacian,
      dense: { Self.dense(a, rows, mu: mu, gamma: gamma) }, known: known, isNullSpace: mu == 0)
    guard let rows else { return problem }
    let ridge = try RidgeProjection(rows, gamma: gamma)
    problem = EigenProblem(
      count: n, upperBound: 2 + mu,
      apply: { x, y in
        laplacian(x, y)
        ridge.add(mu, x, to: y)
      }, dense: problem.dense, known: known, isNullSpace: false)
    if n > denseLimit, mu > Self.muOfInverse {
      let inverse = try WoodburyInverse(
        RidgeFactor(rows, gamma: gamma, dropping: 1e-5), mu: mu, count: n, laplacian: laplacian)
      problem.inverse = EigenProblem.ShiftedInverse(
        shift: WoodburyInverse.shift, apply: inverse.apply)
    }
    return problem
  }

  /// M, `[n, n]`.
  private static func dense(
    _ a: SymmetricMatrix, _ rows: CentredRows?, mu: Double, gamma: Double
  ) -> [Double] {
    let n = a.count
    var m = a.dense
    for e in m.indices { m[e] = -m[e] }
    if let rows {
      let ridge = RidgeFactor(rows, gamma: gamma, dropping: 0)
      gemm(
        n, n, ridge.columns, -mu, ridge.q, transposed: false, ridge.q, transposed: true, 1, into: &m
      )
    }
    for i in 0..<n { m[i * n + i] += 1 + mu }
    return m
  }
}
