/// One run of an experiment: a command of `dec` and the folder that it writes.
public struct Cell: Hashable, Sendable {
  /// The run folder, below the output.
  public let path: String
  /// The command with its options, without `--output`: the same words, the same result.
  public let command: [String]
  /// Paths of the cells whose results it reads.
  public let needs: [String]
  /// The dataset's.
  public let fingerprint: String
  /// Whether it may be refused where the corpus is too large for the method, as in the paper.
  public let mayBeRefused: Bool

  init(
    _ path: String, on corpus: CorpusEntry, needs: [Cell] = [], mayBeRefused: Bool = false,
    _ command: [String]
  ) {
    self.path = path
    self.command = command
    self.needs = needs.map(\.path)
    fingerprint = corpus.dataset.info.fingerprint
    self.mayBeRefused = mayBeRefused
  }

  /// Whether the command leaves checkpoints that it can go on from.
  public var canResume: Bool { command.first == "train" || command.first == "cluster" }
}
