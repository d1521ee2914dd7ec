import Datasets
import DeepClustering

/// `run.json`: what was run on what, with every setting in force under its option's name, and how
/// it ended. What a file lacks keeps its default, so files of earlier versions are read as well.
public struct RunRecord: Equatable, Sendable {
  /// Of this schema. Version 1 had other names for settings.
  public static let currentVersion = 2

  public var format = "dec-run"
  public var version = Self.currentVersion
  /// "train", "pretrain", "cluster" or "choose-k"; "baseline kmeans", "baseline ldmgi" or
  /// "baseline sec".
  public var command = ""
  /// The command of the experiment that the run is a cell of, without `--output`; nil otherwise.
  public var cell: [String]?
  public var preset = Preset.default
  /// How often a run from its own seed was tried; nil where `command` does not try.
  public var trials: Int?
  /// Documents, drawn at random, that the model was trained on; nil for all.
  public var trainOn: Int?
  /// The autoencoder that was given to `dec cluster`; nil where it was the run folder's own.
  public var model: String?
  /// Minutes between two checkpoints, where that was asked for.
  public var checkpointMinutes: Double?
  /// Whether simpler methods are scored beside the result; nil where nothing is clustered.
  public var comparesBaselines: Bool?
  /// Clusters of each document whose q is written, where there are many.
  public var keepTop: Int?
  /// The file of centroids that took the place of k-means; nil without one.
  public var initialCentroids: String?
  /// nil where the autoencoder was given.
  public var pretraining: PretrainingParameters?
  /// nil where nothing was clustered.
  public var clustering: ClusteringParameters?
  /// Settings of a method that the paper compares with; nil for DEC itself.
  public var baseline: BaselineRecord?
  /// Settings of `dec choose-k`; nil for other commands.
  public var selection: SelectionRecord?
  public var versions = Versions()
  public var dataset = Dataset()
  /// For `dec assign`; nil in the records of earlier versions.
  public var features: Features?
  public var ranks = 0
  /// Per rank.
  public var threads = 0
  /// Seconds since 1970.
  public var started = 0.0
  public var outcome = Outcome()

  public init() {}

  public var isFinished: Bool { outcome.status == Outcome.finished }

  public struct Versions: Equatable, Sendable {
    public var dec = ""
    public var openMPI = ""
    public var openBLAS = ""
    /// OpenBLAS's kernels.
    public var openBLASCore = ""

    public init() {}

    public init(dec: String, openMPI: String, openBLAS: String, openBLASCore: String) {
      self.dec = dec
      self.openMPI = openMPI
      self.openBLAS = openBLAS
      self.openBLASCore = openBLASCore
    }
  }

  public struct Dataset: Equatable, Sendable {
    /// Absolute, or empty where the file does not say.
    public var path = ""
    /// CRC-32s of the dataset's files.
    public var fingerprint = ""
    public var samples = 0
    public var features = 0
    public var nonzeros = 0
    public var layout = ""
    public var classNames: [String] = []

    public init() {}

    public init(_ info: DatasetInfo, path: String) {
      self.path = path
      fingerprint = info.fingerprint
      samples = info.samples
      features = info.features
      nonzeros = info.nonzeros
      layout = info.layout.rawValue
      classNames = info.classNames
    }
  }

  /// How documents became rows, so that a run needs its dataset no more.
  public struct Features: Equatable, Sendable {
    /// The kind and the inputs, as `dec prepare` was given them.
    public var source = ""
    /// How text became terms, with `vocabulary.tsv`; nil for other kinds.
    public var text: TextSettings?
    /// The factor of the values, where they are no text.
    public var scale: Double?

    public init() {}

    public init(_ info: DatasetInfo) {
      source = info.source
      text = info.text
      scale = info.scale
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

  public struct Phase: Equatable, Sendable {
    public var phase = ""
    public var seconds = 0.0
    public var iterations = 0
    public var loss: Double?

    public init() {}

    public init(phase: String, seconds: Double, iterations: Int, loss: Double?) {
      self.phase = phase
      self.seconds = seconds
      self.iterations = iterations
      self.loss = loss
    }

    /// Whether the phase makes the autoencoder, not the clusters.
    public var isPretraining: Bool { phase != "kmeans" && phase != "kl" }
  }

  /// One of several trials from different seeds.
  public struct Trial: Equatable, Sendable {
    public var seed = 0
    /// Mean NMI between its clusters and the other trials'.
    public var agreement = 0.0
    public var initial: Quality?
    public var final: Quality?

    public init() {}

    public init(seed: Int, agreement: Double, initial: Quality?, final: Quality?) {
      self.seed = seed
      self.agreement = agreement
      self.initial = initial
      self.final = final
    }
  }

  /// Simpler methods' scores: see `DeepClustering.Baselines`.
  public struct Baselines: Equatable, Sendable {
    /// k-means on the documents as they are.
    public var kMeans: Quality?
    /// Latent semantic analysis, rows of length 1, k-means.
    public var lsaKMeans: Quality?

    public init(kMeans: Quality? = nil, lsaKMeans: Quality? = nil) {
      self.kMeans = kMeans
      self.lsaKMeans = lsaKMeans
    }
  }

  /// An attempt at the KL phase: see `DEC.Attempt`.
  public struct Attempt: Equatable, Sendable {
    public var code = CodeForm.raw
    public var frequencyExponent = 0.0
    public var stoppedBy = ""
    public var iterations = 0
    public var explainedBefore = 0.0
    public var explainedAfter = 0.0

    public init() {}

    public init(_ attempt: DEC.Attempt) {
      code = attempt.code
      frequencyExponent = attempt.frequencyExponent
      stoppedBy = attempt.ending.rawValue
      iterations = attempt.iterations
      explainedBefore = attempt.explainedBefore
      explainedAfter = attempt.explainedAfter
    }
  }

  public struct Outcome: Equatable, Sendable {
    public static let finished = "finished"

    /// "running", then "finished".
    public var status = "running"
    /// Of the KL phase: "tolerance", "max-iterations" or "collapse".
    public var stoppedBy: String?
    /// What collapsed, in words, where something did: the model is that of the refresh before.
    public var collapse: String?
    /// What is wrong with the clusters of the result, in words; nil where they are sound.
    public var warning: String?
    /// Simpler methods on the same documents; nil where they were not compared.
    public var baselines: Baselines?
    /// The attempts at the KL phase, the last of which was kept if it was sound.
    public var attempts: [Attempt]?
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
    /// Of a baseline's clusters.
    public var scores: Quality?
    public var clusterSizes: [Int]?
    /// The trial that was kept, from 1, and all of them; nil where there was but one.
    public var trial: Int?
    public var trials: [Trial]?
    /// Sizes and checksums of the results: what tells that a file belongs to this record. Empty in
    /// the records of earlier versions.
    public var files: [String: DatasetInfo.FileInfo] = [:]

    public init() {}
  }
}
