import Collectives
import DenseMath
import Diagnostics

/// What a training can go on from, at the end of a step: a header, and tensors of which each rank
/// holds some rows.
///
/// Minibatches, shuffles and dropout are functions of seed, step and document, so that nothing
/// random has to be kept. No tensor depends on the number of ranks: any number of them may go on.
public struct TrainingState: Sendable {
  public var header: Header
  /// By name. The ranks' rows of a tensor are disjoint, and together all of its rows.
  public private(set) var tensors: [String: Tensor] = [:]

  /// The numbers that a training goes on from.
  public struct Header: Codable, Equatable, Sendable {
    /// Of this description; a reader refuses a later one.
    public var version = 1
    /// The trial at work, from 0.
    public var trial = 0
    public var phase: TrainingPhase
    /// Minibatches done in this phase.
    public var iteration: Int
    /// Steps since the optimizer's moments were zero.
    var optimizerSteps: Int
    /// The figures since the last event.
    var progress: StepProgress
    /// Refreshes done in the KL phase.
    var refreshes = 0
    /// The iteration of the last refresh.
    var refreshIteration = 0
    /// Documents per cluster at the first refresh.
    var startSizes: [Int] = []
    /// The attempts at the KL phase of the trial at work that are done.
    var attempts: [DEC.Attempt] = []
    /// How the trials before ended.
    var endedTrials: [EndedTrial] = []
  }

  /// How the KL phase of a trial ended; its models and clusters are tensors.
  struct EndedTrial: Codable, Equatable, Sendable {
    var iterations: Int
    var refreshes: Int
    var ending: ClusteringPhase.Ending
    var collapse: String?
    var warning: String?
    var attempts: [DEC.Attempt]
  }

  /// Some rows of a tensor.
  public struct Tensor: Equatable, Sendable {
    /// The shape of the whole tensor; a vector's elements are its rows.
    public var shape: [Int]
    /// The rows that this rank holds.
    public var rows: Range<Int>
    /// Their elements, row after row.
    public var values: [Float]

    public init(shape: [Int], rows: Range<Int>, values: [Float]) {
      self.shape = shape
      self.rows = rows
      self.values = values
    }
  }

  init(_ header: Header) { self.header = header }

  /// A state that was read from storage: whole tensors on every rank.
  public init(_ header: Header, tensors: [String: Tensor]) {
    self.header = header
    self.tensors = tensors
  }

  /// Adds this rank's rows of a tensor.
  mutating func put(_ name: String, shape: [Int], rows: Range<Int>, _ values: [Float]) {
    tensors[name] = Tensor(shape: shape, rows: rows, values: values)
  }

  /// Adds a tensor that every rank holds, as a contribution of its owner alone.
  mutating func putWhole(_ name: String, shape: [Int], _ values: [Float], isOwner: Bool) {
    put(
      name, shape: shape, rows: 0..<(isOwner ? shape[0] : 0), isOwner ? values : [])
  }

  /// Adds all tensors of another state, each with `prefix` before its name.
  mutating func merge(_ other: TrainingState, prefix: String = "") {
    for (name, tensor) in other.tensors { tensors[prefix + name] = tensor }
  }

  /// Whether all numbers that this rank holds are finite: a training does not go on from others.
  public var isFinite: Bool { tensors.values.allSatisfy { $0.values.allSatisfy(\.isFinite) } }

  /// All elements of a tensor.
  ///
  /// - Throws: `Failure.work` where it is missing, or not whole, or has another shape.
  func whole(_ name: String, shape: [Int]) throws -> [Float] {
    guard let tensor = tensors[name] else {
      throw Failure(.work, "the state has no tensor \(name)")
    }
    guard tensor.shape == shape, tensor.rows == 0..<shape[0],
      tensor.values.count == shape.reduce(1, *)
    else {
      throw Failure(.work, "the state's tensor \(name) is \(tensor.shape), not a whole \(shape)")
    }
    return tensor.values
  }

  /// The same with whole tensors on every rank. Collective.
  public func gathered(over world: any Communicator) -> TrainingState {
    var result = TrainingState(header)
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let width = tensor.shape.dropFirst().reduce(1, *)
      // As whole numbers: a sum of floats would turn −0 into 0.
      var bits = [Int32](repeating: 0, count: tensor.shape[0] * width)
      for (i, value) in tensor.values.enumerated() {
        bits[tensor.rows.lowerBound * width + i] = Int32(bitPattern: value.bitPattern)
      }
      world.allReduce(&bits)
      result.put(
        name, shape: tensor.shape, rows: 0..<tensor.shape[0],
        bits.map { Float(bitPattern: UInt32(bitPattern: $0)) })
    }
    return result
  }
}

extension TrainingPhase: Codable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    switch name {
    case "finetune": self = .finetune
    case "kmeans": self = .kMeans
    case "kl": self = .kl
    default:
      guard name.hasPrefix("layerwise-"), let stage = Int(name.dropFirst(10)), stage > 0 else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "\(name) is no phase of a training")
      }
      self = .layerwise(stage: stage)
    }
  }
}
