import Collectives
import Datasets
import DeepClustering
import DenseMath
import Diagnostics

/// Which embedding of a run: after the KL phase, or after the autoencoder's pretraining.
public enum EmbeddingStage: String, CaseIterable, Sendable {
  case final, pretrained
}

/// An embedding that a run has of all documents of a dataset.
public struct RunEmbedding {
  /// A code for each document, `[samples, code]`.
  public let rows: Matrix
  /// Which of a run's embeddings it is.
  public let stage: EmbeddingStage
  /// The CRC-32 of the file that it comes from, in hexadecimal digits.
  public let checksum: String

  /// Reads `embedding.npy`, or lets the pretrained autoencoder embed the documents. Collective.
  ///
  /// - Parameters:
  ///   - path: The run's folder.
  ///   - stage: Which embedding; nil for the final one where the run has it.
  ///   - dataset: The dataset that the run must be of.
  ///   - rows: This rank's documents; the shares of all ranks follow each other.
  /// - Throws: `Failure.usage` where the run is of another dataset, `Failure.badInput` where its
  ///   file is damaged; on every rank.
  public init(
    of path: String, _ stage: EmbeddingStage?, _ dataset: DatasetFolder, _ rows: Range<Int>,
    over world: any Communicator
  ) throws {
    let run = RunFolder(path)
    let record = try world.together { try run.finishedRecord() }
    let stage = stage ?? (run.has(RunFolder.Name.embedding) ? .final : .pretrained)
    let name = stage == .final ? RunFolder.Name.embedding : RunFolder.Name.pretrained
    let n = dataset.info.samples
    try world.together {
      guard record.dataset.fingerprint == dataset.info.fingerprint else {
        throw Failure.usage(
          "\(path) is a run on another dataset than \(dataset.path)",
          hint: "name the dataset of its run.json, \(record.dataset.path)")
      }
      guard run.has(name) else {
        throw Failure.io(run.file(name), "is missing", hint: "choose another --stage or --on")
      }
      try run.check(name, of: record)
    }
    self.stage = stage
    checksum = try world.together {
      String(try DatasetInfo.FileInfo(of: run.file(name)).crc32, radix: 16)
    }
    switch stage {
    case .final:
      self.rows = try world.together {
        guard let reader = try run.matrix(name), reader.header.shape[0] == n else {
          throw Failure.badInput(run.file(name), "has not a row for each of \(n) documents")
        }
        return Matrix(
          rows: n, columns: reader.header.shape[1],
          elements: try reader.floats(0..<reader.header.count))
      }
    case .pretrained:
      let (encoder, shard) = try world.together {
        let bytes = try WholeFile.read(run.file(name))
        let model = try Model(Safetensors(bytes, path: run.file(name)), path: run.file(name))
        return (model.autoencoder.encoder, try dataset.shard(rows))
      }
      let mine = encoder.embed(shard)
      var all = Matrix(rows: n, columns: mine.columns)
      all.withMutableRows { all in
        for i in rows {
          all[i].update(from: Rows(mine)[i - rows.lowerBound], count: mine.columns)
        }
      }
      // The other ranks' rows are zeros.
      all.withUnsafeMutableElements { world.allReduce($0, by: .sum) }
      self.rows = all
    }
  }

  /// Documents as a shard of their own, with the code in place of the input.
  public func shard(_ documents: Range<Int>) -> Shard {
    Shard(memory: InputRows(rows.rows(documents)), range: documents)
  }
}
