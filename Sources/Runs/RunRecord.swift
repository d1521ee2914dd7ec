import DeepClustering

/// `run.json`: what was run on what, with every setting in force, and how it ended.
public struct RunRecord: Codable, Equatable, Sendable {
  public var format = "dec-run"
  public var version = 1
  /// "train", "pretrain" or "cluster".
  public var command: String
  public var preset: Preset
  public var pretraining: PretrainingParameters?
  public var clustering: ClusteringParameters?
  public var versions: Versions
  public var dataset: Dataset
  /// For `dec assign`; nil in the records of earlier versions.
  public var features: Features?
  public var ranks: Int
  /// Per rank.
  public var threads: Int
  /// Seconds since 1970.
  public var started: Double
  public var outcome: Outcome

  public struct Versions: Codable, Equatable, Sendable {
    public var dec: String
    public var openMPI: String
    public var openBLAS: String
    /// OpenBLAS's kernels.
    public var openBLASCore: String

    enum CodingKeys: String, CodingKey {
      case dec
      case openMPI = "open_mpi"
      case openBLAS = "openblas"
      case openBLASCore = "openblas_core"
    }

    public init(dec: String, openMPI: String, openBLAS: String, openBLASCore: String) {
      self.dec = dec
      self.openMPI = openMPI
      self.openBLAS = openBLAS
      self.openBLASCore = openBLASCore
    }
  }

  public struct Dataset: Codable, Equatable, Sendable {
    public var path: String
    /// CRC-32s of the dataset's files.
    public var fingerprint: String
    public var samples: Int
    public var features: Int
    public var nonzeros: Int
    public var layout: String
    public var classNames: [String]

    enum CodingKeys: String, CodingKey {
      case path, fingerprint, samples, features, nonzeros, layout
      case classNames = "class_names"
    }

    public init(
      path: String, fingerprint: String, samples: Int, features: Int, nonzeros: Int,
      layout: String, classNames: [String]
    ) {
      self.path = path
      self.fingerprint = fingerprint
      self.samples = samples
      self.features = features
      self.nonzeros = nonzeros
      self.layout = layout
      self.classNames = classNames
    }
  }

  public struct Quality: Codable, Equatable, Sendable {
    public var acc: Double
    public var nmi: Double
    public var ari: Double

    public init(acc: Double, nmi: Double, ari: Double) {
      self.acc = acc
      self.nmi = nmi
      self.ari = ari
    }
  }

  public struct Phase: Codable, Equatable, Sendable {
    public var phase: String
    public var seconds: Double
    public var iterations: Int
    public var loss: Double?

    public init(phase: String, seconds: Double, iterations: Int, loss: Double?) {
      self.phase = phase
      self.seconds = seconds
      self.iterations = iterations
      self.loss = loss
    }
  }

  /// One of several trials from different seeds.
  public struct Trial: Codable, Equatable, Sendable {
    public var seed: Int
    /// Mean NMI between its clusters and the other trials'.
    public var agreement: Double
    public var initial: Quality?
    public var final: Quality?

    enum CodingKeys: String, CodingKey {
      case seed, agreement
      case initial = "ae_kmeans"
      case final = "dec"
    }

    public init(seed: Int, agreement: Double, initial: Quality?, final: Quality?) {
      self.seed = seed
      self.agreement = agreement
      self.initial = initial
      self.final = final
    }
  }

  public struct Outcome: Codable, Equatable, Sendable {
    /// "running", then "finished".
    public var status = "running"
    /// Of the KL phase: "tolerance" or "max-iterations".
    public var stoppedBy: String?
    /// Of the KL phase.
    public var iterations: Int?
    public var refreshes: Int?
    public var seconds: Double?
    /// The largest of all ranks.
    public var peakResidentBytes: Int?
    public var phases: [Phase] = []
    /// Of AE+k-means, before the KL phase.
    public var initial: Quality?
    public var final: Quality?
    public var clusterSizes: [Int]?
    /// The trial that was kept, from 1, and all of them; nil where there was but one.
    public var trial: Int?
    public var trials: [Trial]?

    enum CodingKeys: String, CodingKey {
      case status
      case stoppedBy = "stopped_by"
      case iterations, refreshes, seconds
      case peakResidentBytes = "peak_resident_bytes"
      case phases
      case initial = "ae_kmeans"
      case final = "dec"
      case clusterSizes = "cluster_sizes"
      case trial, trials
    }

    public init() {}
  }

  public init(
    command: String, preset: Preset, versions: Versions, dataset: Dataset, ranks: Int, threads: Int,
    started: Double
  ) {
    self.command = command
    self.preset = preset
    self.versions = versions
    self.dataset = dataset
    self.ranks = ranks
    self.threads = threads
    self.started = started
    outcome = Outcome()
  }
}
