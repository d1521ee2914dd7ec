import CHost

/// What this rank is at, for the line that it leaves when it ends before its time: a watchdog, a
/// fault or an unexpected exit names rank, host, phase, iteration and the last checkpoint.
public enum ProcessStatus {
  /// Names this rank, and has every fault and unexpected exit of it explained from now on.
  public static func introduce(rank: Int) {
    chost_set_rank(Int32(rank), ThisProcess.hostName)
    chost_report_faults()
    chost_report_exit()
  }

  /// The ranks of this host and their processes, of which the watchdog names the stopped ones.
  public static func know(neighbours ranks: [Int64], processes: [Int64]) {
    precondition(ranks.count == processes.count)
    chost_set_neighbours(Int32(ranks.count), ranks, processes)
  }

  /// Names the phase that begins, such as "finetune".
  public static func enter(_ phase: String) { chost_set_phase(phase) }

  /// How many minibatches of the phase are done.
  public static func reach(iteration: Int) {
    chost_set_iteration(Int64(iteration))
    chost_beat()
  }

  /// Names the run folder, and its newest checkpoint; nil before the first.
  public static func keep(checkpoint: String?, of run: String) {
    chost_set_checkpoint(run, checkpoint ?? "")
  }

  /// Gives a file the time of now every few seconds while this process makes progress, for those
  /// who watch from outside; in place of the file before, where a process has several runs.
  public static func showProgress(in path: String) { chost_show_progress(path) }

  /// Announces that this process is to end now.
  public static func expectExit() { chost_expect_exit() }
}
