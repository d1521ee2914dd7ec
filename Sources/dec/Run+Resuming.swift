import Collectives
import Datasets
import DeepClustering
import Diagnostics
import Runs

// A run that goes on where an earlier process was interrupted.

extension Run {
  /// How far the run in an output folder is.
  enum Standing: Int64 {
    /// There is none of this command.
    case none
    case unfinished, finished
  }

  /// Collective.
  static func standing(
    of command: String, in output: String, over world: any Communicator
  ) throws -> Standing {
    var standing = Standing.none
    try world.together {
      let folder = RunFolder(output)
      guard world.isRoot, folder.has(RunFolder.Name.record) else { return }
      let record = try folder.record()
      guard record.command == command else { return }
      standing = record.isFinished ? .finished : .unfinished
    }
    return Standing(rawValue: world.allReduce(standing.rawValue, by: .maximum))!
  }

  /// Says so where `--resume` is to go on with a run that is finished. Collective.
  static func isDone(
    _ command: String, _ output: String, _ common: CommonOptions, over world: any Communicator
  ) throws -> Bool {
    guard common.resume, try standing(of: command, in: output, over: world) == .finished else {
      return false
    }
    Job.say("\(output) is finished: there is nothing to resume")
    return true
  }

  /// Completes a record by that of the interrupted run that is to go on. Collective.
  ///
  /// - Returns: Whether there is one.
  /// - Throws: `Failure.usage` where it was started with other settings.
  static func takeUp(
    _ record: inout RunRecord, in output: String, _ common: CommonOptions,
    over world: any Communicator
  ) throws -> Bool {
    guard common.resume,
      try standing(of: record.command, in: output, over: world) == .unfinished
    else { return false }
    let new = record
    let earlier = try world.together { () -> RunRecord? in
      guard world.isRoot else { return nil }
      let earlier = try RunFolder(output).record()
      try requireSameSettings(new, earlier, in: output)
      return earlier
    }
    guard let earlier else { return true }
    record.started = earlier.started
    record.cell = record.cell ?? earlier.cell
    let (now, before) = (record.versions, earlier.versions)
    if now != before {
      Job.warn(
        "the run was begun by dec \(before.dec) with OpenBLAS \(before.openBLAS) "
          + "\(before.openBLASCore), and goes on by dec \(now.dec) with \(now.openBLAS) "
          + "\(now.openBLASCore): its last digits may differ")
    }
    return true
  }

  private static func requireSameSettings(
    _ new: RunRecord, _ earlier: RunRecord, in output: String
  ) throws {
    let hint = "go on by dec resume \(output), or begin anew by --overwrite"
    guard new.dataset.fingerprint == earlier.dataset.fingerprint else {
      throw Failure.usage(
        "\(output) was begun on other documents than those of \(new.dataset.path)", hint: hint)
    }
    let free = ["data", "checkpoint-minutes", "baselines"]
    func settings(_ record: RunRecord) throws -> [String: String] {
      let options = try record.options(of: record.command).filter { !free.contains($0.name) }
      return Dictionary(uniqueKeysWithValues: options.map { ($0.name, $0.value) })
    }
    let (now, before) = (try settings(new), try settings(earlier))
    for name in Set(now.keys).union(before.keys).sorted() where now[name] != before[name] {
      throw Failure.usage(
        "\(output) was begun with --\(name) \(before[name] ?? "left out"), not "
          + "\(now[name] ?? "without it")", hint: hint)
    }
  }
}

extension TrainingState.Header {
  /// Where a training goes on, for the user.
  var standing: String { "goes on from \(phase.name), iteration \(iteration)" }
}
