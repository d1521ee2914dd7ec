import ArgumentParser
import Collectives
import Report

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a run's report: RUN/report.html, one page complete in itself.",
    discussion: """
      Example:
        dec report run
      """)

  @Argument(help: "Run folder.") var folder: String

  func run() throws {
    try Job.world.together {
      guard Job.world.isRoot else { return }
      try Report(run: folder).write()
      Job.say("\(folder)/report.html")
    }
  }
}
