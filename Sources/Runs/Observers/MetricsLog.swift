import DeepClustering
import Diagnostics
import FoundationEssentials
import Glibc

/// Writes `metrics.jsonl`, one object an event. Rank 0 writes.
public final class MetricsLog: TrainingObserver {
  /// A line of the file; the names are its keys.
  private struct Line: Encodable {
    var phase: String
    var iteration: Int
    var loss: Double?
    var learning_rate: Double?
    var label_change: Double?
    var cluster_sizes: [Int]?
    var acc: Double?
    var nmi: Double?
    var ari: Double?
    var documents_per_second: Double
    var communication_seconds: Double
    var elapsed_seconds: Double
    var warning: String?
    var trial: Int?
  }

  private let file: UnsafeMutablePointer<FILE>?
  private let path: String
  private let scorer: Scorer
  private let start: Double
  private var lastEvent = Clock.seconds

  /// - Parameters:
  ///   - path: The file, which is added to; nil on ranks that do not write.
  ///   - scorer: An observer before this one in the list.
  ///   - elapsedSeconds: Of the run so far, where it goes on.
  /// - Throws: `Failure.io` where the file cannot be written.
  public init(_ path: String?, scorer: Scorer, elapsedSeconds: Double = 0) throws {
    self.scorer = scorer
    start = Clock.seconds - elapsedSeconds
    self.path = path ?? ""
    guard let path else {
      file = nil
      return
    }
    file = fopen(path, "ae")
    guard file != nil else {
      throw Failure.io(path, "cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// How long the file is; 0 on ranks that do not write.
  public var bytes: Int { file.map { ftell($0) } ?? 0 }

  deinit { if let file { fclose(file) } }

  public func observe(_ event: TrainingEvent) throws {
    let progress = event.progress
    let now = Clock.seconds
    defer { lastEvent = now }
    guard let file else { return }
    let scores = scorer.latest
    var line = Line(
      phase: progress.phase.name, iteration: progress.iteration, loss: progress.loss,
      learning_rate: progress.learningRate, cluster_sizes: event.clusterSizes, acc: scores?.acc,
      nmi: scores?.nmi, ari: scores?.ari,
      documents_per_second: Double(progress.documents) / max(1e-9, now - lastEvent),
      communication_seconds: progress.communicationSeconds, elapsed_seconds: now - start,
      trial: progress.trial)
    if case .refresh(_, let view) = event {
      line.label_change = view.labelChange
      line.warning = view.warning
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // A loss of NaN never comes here: the phases stop at it.
    let json = String(decoding: try encoder.encode(line), as: UTF8.self)
    guard fputs(json + "\n", file) >= 0, fflush(file) == 0 else {
      throw Failure.io(path, "cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}
