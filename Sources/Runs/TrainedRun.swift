import Datasets
import DeepClustering
import Diagnostics

/// A finished run that new documents can be given to.
public struct TrainedRun: Sendable {
  public let folder: String
  public let record: RunRecord
  public let assigner: Assigner
  /// The checksums of the model and of the vocabulary: they tell whether two ranks have the same
  /// run.
  public let fingerprint: String
  /// nil where the run is of no text, or its vocabulary was not kept.
  public let vocabulary: [VocabularyEntry]?

  /// - Throws: What is missing, or does not fit.
  public init(opening folder: String) throws {
    self.folder = folder
    let run = RunFolder(folder)
    record = try run.finishedRecord()
    let path = run.file(RunFolder.Name.model)
    guard run.has(RunFolder.Name.model) else {
      throw Failure.io(
        path, "is missing: the run was not clustered to its end",
        hint: "finish it with dec cluster or dec train")
    }
    try run.check(RunFolder.Name.model, of: record)
    let model = try Model(Safetensors(WholeFile.read(path), path: path), path: path)
    let trainedOn = model.metadata["dataset_fingerprint"] ?? record.dataset.fingerprint
    guard trainedOn == record.dataset.fingerprint else {
      throw Failure.badInput(
        path, "was trained on another dataset than run.json tells of", hint: "run it again")
    }
    guard let centroids = model.centroids, centroids.elements.allSatisfy(\.isFinite),
      centroids.rows > 0
    else {
      throw Failure.badInput(path, "has no finite centroids", hint: "cluster with dec cluster")
    }
    assigner = Assigner(encoder: model.autoencoder.encoder, centroids: centroids)
    let terms = run.file(RunFolder.Name.vocabulary)
    let hasTerms = record.features?.text != nil && WholeFile.exists(terms)
    vocabulary = hasTerms ? try VocabularyEntry.read(terms) : nil
    fingerprint = try ([path] + (hasTerms ? [terms] : [])).map {
      String(try DatasetInfo.FileInfo(of: $0).crc32, radix: 16)
    }.joined(separator: "-")
    try checkVocabulary(terms)
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
