import DeepClustering
import FoundationEssentials

/// What a run goes on from: the state of the training, and how far the files beside it were.
public struct Checkpoint: Sendable {
  public var state: TrainingState
  public var course: RunCourse

  public init(_ state: TrainingState, _ course: RunCourse) {
    self.state = state
    self.course = course
  }
}

/// How far a run was when a checkpoint was written; kept by rank 0.
public struct RunCourse: Codable, Equatable, Sendable {
  /// Bytes of `metrics.jsonl`: later lines tell of what is done again.
  public var metricsBytes = 0
  /// Since the run began, without the time in which it did not run.
  public var elapsedSeconds = 0.0
  public var times = PhaseTimes.Standing()

  public init() {}

  public init(metricsBytes: Int, elapsedSeconds: Double, times: PhaseTimes.Standing) {
    self.metricsBytes = metricsBytes
    self.elapsedSeconds = elapsedSeconds
    self.times = times
  }
}

/// `checkpoint.json`: what the files of a checkpoint are. A checkpoint is sound where they match.
struct CheckpointInfo: Codable {
  static let format = "dec-checkpoint"
  /// A reader refuses a later one.
  static let version = 1
  static let name = "checkpoint.json"

  var format = Self.format
  var version = Self.version
  var files: [String: FileInfo]

  struct FileInfo: Codable, Equatable {
    var bytes: Int
    var crc32: UInt32
  }
}

/// The text in the metadata of `state.safetensors`, under the same checksum as the tensors.
struct CheckpointHeader: Codable {
  static let key = "header"

  var version = CheckpointInfo.version
  var training: TrainingState.Header
  var course: RunCourse

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
