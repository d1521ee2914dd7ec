import ArgumentParser
import Collectives
import Datasets
import Diagnostics
import FoundationEssentials
import Glibc
import Report
import Runs
import Text

struct ReportCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a run's report: RUN/report.html, one page complete in itself.",
    discussion: """
      Example:
        dec report run
        dec report run --texts titles.txt           (of a run on embeddings: a text a line)
        dec report run --over date                  (a column of the table that was prepared)
        dec report run --texts table.csv --over date
      """)

  @Argument(help: "Run folder.") var folder: String
  @Option(
    help: .init(
      "The documents' texts, for a run on embeddings: a file as dec prepare text reads it, a .txt with "
        + "a text a line, or a dataset folder.", valueName: "file"))
  var texts: String?
  @Option(help: "Column or field of the text in --texts.") var textColumn = TextReader().textColumn
  @Option(
    help: .init(
      "Show the clusters over this column, such as a date or a category, of --texts or else of the file "
        + "that the dataset was prepared from.", valueName: "column"))
  var over: String?

  func run(over world: any Communicator) throws {
    try world.together {
      guard world.isRoot else { return }
      let column = try over.map { try ColumnValues($0, of: try inputs()) }
      try withTexts { try Report(run: folder, texts: $0, column: column).write() }
      Job.say("\(folder)/report.html")
    }
  }

  /// The files that hold the column.
  private func inputs() throws -> [String] {
    if let texts, !WholeFile.exists("\(texts)/dataset.json") { return [texts] }
    let record = try RunFolder(folder).record()
    let source = record.features?.source ?? ""
    let names = source.split(separator: " ").map(String.init)
    guard names.first == "text", names.count > 1,
      names.dropFirst().allSatisfy({ WholeFile.exists($0) })
    else {
      throw Failure.usage(
        "--over \(over ?? ""): the run was prepared from \"\(source.prefix(80))\", which is no table here",
        hint: "name the table by --texts FILE")
    }
    return Array(names.dropFirst())
  }

  /// Passes on the dataset of the texts, which is prepared in a folder that is removed afterwards
  /// where `--texts` is a file.
  private func withTexts(_ body: (DatasetFolder?) throws -> Void) throws {
    guard let texts else { return try body(nil) }
    if WholeFile.exists("\(texts)/dataset.json") { return try body(DatasetFolder(opening: texts)) }
    let files = FileManager.default
    // A name that nobody else can have made before.
    var template = Array("\(files.temporaryDirectory.path)/dec-texts-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure.io(
        files.temporaryDirectory.path,
        "no folder can be made in it: \(String(cString: strerror(errno)))")
    }
    let temporary = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    defer { try? files.removeItem(atPath: temporary) }
    var settings = TextSettings()
    settings.stems = true
    try settings.takeStopWords(settings.language)
    var reader = TextReader()
    reader.readsLines = true
    reader.textColumn = textColumn
    var preparation = TextPreparation(
      DatasetWriter(
        output: temporary + "/texts", replacing: false, order: .input, source: texts), settings)
    preparation.openingLength = 200
    _ = try preparation.run(try reader.source([texts]), over: SoloCommunicator())
    try body(DatasetFolder(opening: temporary + "/texts"))
  }
}
