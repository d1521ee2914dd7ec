import ArgumentParser
import Collectives

/// When a job that gets on no longer is ended.
struct WatchOptions: ParsableArguments {
  @Option(
    help: """
      Seconds without progress after which a rank ends the job with code 99, as Open MPI does not notice a rank \
      that hangs; 0 for never.
      """)
  var stallSeconds = 120.0

  func validate() throws {
    try require("--stall-seconds", stallSeconds, .notNegative)
  }

  /// From now on.
  func start(over world: any Communicator) {
    Watchdog.start(seconds: stallSeconds, over: world)
  }
}
