import Collectives
import DenseMath
import Diagnostics

/// LDMGI: image clustering using local discriminant models and global integration (Yang, Xu, Nie,
/// Yan and Zhuang, IEEE Transactions on Image Processing 19(10), 2010).
///
/// Each document and its nearest neighbours form a clique with a local discriminant model; the
/// clusters are read off the smallest eigenvectors of the sum of the local matrices.
public struct LDMGI {
  public var parameters: SpectralParameters
  /// λ, the regularisation of the local models; in the units of squared distances.
  public var lambda = 1e-4

  public init(_ parameters: SpectralParameters) { self.parameters = parameters }

  /// λ below this share of the median g does not change the clusters, but with duplicates makes the
  /// iteration converge to anything (trap T1).
  private static let leastShare = 1e-3

  /// Clusters the documents of all ranks. Collective.
  ///
  /// - Parameters:
  ///   - neighbours: At least `parameters.neighbours - 1` of each document.
  ///   - forms: Those of the cliques, on rank 0, which serve any λ.
  /// - Throws: `Failure.work`, on every rank, where eigenvectors fail their check.
  public func fit(
    _ data: SpectralData, _ neighbours: Neighbours, _ forms: CliqueForms
  ) throws -> SpectralResult {
    let components = Components(of: neighbours, linkCount: parameters.neighbours - 1)
    return try parameters.fit(data, components) {
      let n = data.samples
      let lambda =
        n <= EigenProblem.denseLimit ? lambda : max(lambda, Self.leastShare * forms.medianValue)
      return (Self.problem(forms.matrix(samples: n, lambda: lambda), components), lambda)
    }
  }

  /// The eigenproblem of L.
  static func problem(_ matrix: SymmetricMatrix, _ components: Components) -> EigenProblem {
    // Products are with L itself: its scale does not matter to ARPACK, whose tolerance is relative.
    EigenProblem(
      count: matrix.count, upperBound: matrix.largestRowSum,
      apply: { matrix.multiply($0, into: $1) }, dense: { matrix.dense },
      known: KnownVectors(
        components, weights: [Double](repeating: 1, count: matrix.count)),
      isNullSpace: true)
  }
}
