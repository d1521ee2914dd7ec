import DeepClustering

/// Writes what the KL phase starts from as soon as it is there, so that a run which is interrupted
/// has left something of use. Of several trials it is the first; the end of the run puts the kept
/// one's in its place.
public final class EarlyResults: TrainingObserver {
  private let writer: RunWriter
  private let metadata: [String: String]
  private let keepsAutoencoder: Bool
  private let coversAll: Bool

  /// - Parameters:
  ///   - metadata: Of the model's file.
  ///   - keepsAutoencoder: Whether the autoencoder in the folder stays as it is.
  ///   - coversAll: Whether the training has all documents, and so a cluster for each.
  public init(
    into writer: RunWriter, metadata: [String: String], keepsAutoencoder: Bool, coversAll: Bool
  ) {
    self.writer = writer
    self.metadata = metadata
    self.keepsAutoencoder = keepsAutoencoder
    self.coversAll = coversAll
  }

  public func initialized(_ start: DEC.Start, trial: Int) throws {
    guard trial == 0 else { return }
    typealias Name = RunFolder.Name
    if !keepsAutoencoder {
      var model = start.model
      model.metadata = metadata
      try writer.stage(model, as: Name.pretrained)
    }
    if coversAll { try writer.stage(start.assignments, as: Name.initialAssignments) }
    try writer.publishEarly([Name.pretrained] + (coversAll ? [Name.initialAssignments] : []))
  }
}
