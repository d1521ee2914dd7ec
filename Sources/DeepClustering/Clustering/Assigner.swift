import DenseMath

/// Assigns documents by a trained model, tile by tile on the grid of a refresh, so that the
/// documents of the training get the same bits from it.
public struct Assigner: Sendable {
  public let encoder: FeedForward
  /// `[clusters, code]`.
  public let centroids: Matrix

  /// Documents of a tile: those with the same number divided by it.
  public static let tile = Tile.corpus

  public init(encoder: FeedForward, centroids: Matrix) {
    self.encoder = encoder
    self.centroids = centroids
  }

  /// What one thread works with.
  public final class Workspace {
    /// The documents to assign.
    public var rows: InputRows
    fileprivate var pass: FeedForward.Pass

    fileprivate init(_ encoder: FeedForward, isSparse: Bool) {
      rows = InputRows(columns: encoder.inputDimension, isSparse: isSparse)
      pass = FeedForward.Pass(encoder)
    }
  }

  public func workspace(isSparse: Bool) -> Workspace { Workspace(encoder, isSparse: isSparse) }

  /// q of the workspace's rows, which become padded; within `Threads.forEachAlone`.
  ///
  /// - Parameter place: The first row's place in its tile; all rows are of one tile.
  public func softAssignment(_ workspace: Workspace, at place: Int) -> Matrix {
    let count = workspace.rows.rows
    precondition(place + count <= Self.tile, "\(count) rows from \(place) on")
    if count < Self.tile {
      workspace.rows.pad(before: place, after: Self.tile - place - count)
    }
    encoder.forward(workspace.rows, in: &workspace.pass)
    return DeepClustering.softAssignment(
      workspace.pass.output.rows(place..<place + count), centroids)
  }
}
