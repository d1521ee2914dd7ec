import ArgumentParser
import Collectives
import Report

struct ReportCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a run's report: RUN/report.html, one page complete in itself.",
    discussion: """
      Example:
        dec report run
      """)

  @Argument(help: "Run folder.") var folder: String

  func run(over world: any Communicator) throws {
    try world.together {
      guard world.isRoot else { return }
      try Report(run: folder).write()
      Job.say("\(folder)/report.html")
    }
  }
}
