import Collectives
import Diagnostics
import Measurement

extension SpaceEstimate {
  /// Checks that an output folder has room for a run: a full disk is then found before the
  /// training. Collective.
  ///
  /// - Throws: `Failure.io` that says how much is needed and how much there is.
  func check(_ folder: String, over world: any Communicator) throws {
    try world.together {
      guard world.isRoot, let available = Self.available(in: folder), bytes > available else {
        return
      }
      func size(_ bytes: Double) -> String { "\(Format.fixed(bytes / 1e6, 1)) MB" }
      throw Failure.io(
        folder,
        "has \(size(available)) of space left, and the run needs about \(size(bytes)): three "
          + "checkpoints of \(size(checkpointBytes)), and results of \(size(resultBytes))",
        hint: "make room, or choose another --output")
    }
  }
}
