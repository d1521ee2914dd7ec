import Datasets
import DeepClustering
import Diagnostics
import FoundationEssentials

extension RunRecord {
  /// How documents became rows, so that a run needs its dataset no more.
  public struct Features: Codable, Equatable, Sendable {
    /// The kind and the inputs, as `dec prepare` was given them.
    public var source: String
    /// How text became terms, with `vocabulary.tsv`; nil for other kinds.
    public var text: TextSettings?
    /// The factor of the values, where they are no text.
    public var scale: Double?

    public init(_ info: DatasetInfo) {
      source = info.source
      text = info.text
      scale = info.scale
    }
  }
}

/// A finished run that new documents can be given to.
public struct TrainedRun: Sendable {
  public let folder: String
  public let record: RunRecord
  public let assigner: Assigner
  /// nil where the run is of no text, or its vocabulary was not kept.
  public let vocabulary: [VocabularyEntry]?

  /// - Throws: What is missing, or does not fit.
  public init(opening folder: String) throws {
    self.folder = folder
    guard WholeFile.exists("\(folder)/run.json") else {
      throw Failure.io(
        folder,
        WholeFile.exists("\(folder)/dataset.json")
          ? "is a dataset, not a run folder" : "is no run folder: it has no run.json",
        hint: "name what dec train wrote")
    }
    record = try Self.readRecord("\(folder)/run.json")
    let path = "\(folder)/model.safetensors"
    guard WholeFile.exists(path) else {
      throw Failure.io(
        path, "is missing: the run was not clustered to its end",
        hint: "finish it with dec cluster or dec train")
    }
    let model = try Model(Safetensors(WholeFile.read(path), path: path), path: path)
    guard let centroids = model.centroids, centroids.elements.allSatisfy(\.isFinite),
      centroids.rows > 0
    else {
      throw Failure.badInput(path, "has no finite centroids", hint: "cluster with dec cluster")
    }
    assigner = Assigner(encoder: model.autoencoder.encoder, centroids: centroids)
    let terms = "\(folder)/vocabulary.tsv"
    vocabulary =
      record.features?.text != nil && WholeFile.exists(terms)
      ? try VocabularyEntry.read(terms) : nil
    try checkVocabulary(terms)
  }

  private static func readRecord(_ path: String) throws -> RunRecord {
    do {
      return try JSONDecoder().decode(RunRecord.self, from: Data(WholeFile.read(path)))
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure.badInput(path, "is not the JSON of a run")
    }
  }

  private func checkVocabulary(_ path: String) throws {
    guard let vocabulary else { return }
    let d = assigner.encoder.inputDimension
    guard vocabulary.count == d else {
      throw Failure.badInput(
        path, "has \(vocabulary.count) terms, the model takes \(d) features",
        hint: "the file was changed; train again, or copy the dataset's vocabulary.tsv here")
    }
    // By bytes: Strings that differ may be equal.
    guard Set(vocabulary.map { Array($0.term.utf8) }).count == d else {
      throw Failure.badInput(
        path, "has a term twice",
        hint: "the file was changed; copy the dataset's vocabulary.tsv here")
    }
  }

  /// Whether the run's corpus was RCV1's token files, whose tokens are stems already.
  public var isOfTokenFiles: Bool { record.features?.source.hasPrefix("lyrl2004") ?? false }

  /// What turns text into rows.
  ///
  /// - Throws: What of it the run lacks.
  public func textFeatures() throws -> (settings: TextSettings, vocabulary: [VocabularyEntry]) {
    guard let features = record.features else {
      throw Failure.badInput(
        "\(folder)/run.json",
        "has no \"features\": an earlier dec made the run without keeping "
          + "its text settings and vocabulary.tsv",
        hint: "run dec cluster or dec train again, or assign a dataset folder")
    }
    guard let settings = features.text else {
      throw Failure.badInput(
        "\(folder)/run.json", "was trained on \(features.source.prefix(60)), not on text",
        hint: "assign a dataset folder or .npy matrix of \(assigner.encoder.inputDimension) columns"
      )
    }
    guard let vocabulary else {
      throw Failure.badInput(
        "\(folder)/vocabulary.tsv", "is missing",
        hint: "copy it from the dataset folder, \(record.dataset.path)")
    }
    return (settings, vocabulary)
  }
}
