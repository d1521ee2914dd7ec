import Diagnostics

/// Finds the files of a text corpus, and the form of each.
enum TextFiles {
  enum Form {
    case json, comma, tab
    /// Text: the file is a document, or each of its lines is.
    case text
  }

  struct Entry {
    var path: String
    var form: Form
    /// The offset of the document's id in the path, and the length of the class name, which is at
    /// the start of the id; in bytes.
    fileprivate var idStart = 0
    fileprivate var classLength = 0

    /// The path relative to the input folder; the file name if the input is a file.
    var id: String { PathName.shown(String(Substring(path.utf8.dropFirst(idStart)))) }

    /// The name of the subfolder that holds the file; empty if there is none.
    var className: String {
      PathName.shown(String(Substring(path.utf8.dropFirst(idStart).prefix(classLength))))
    }
  }

  /// The form of a file by the extension of its name, in upper or lower case; nil if that is
  /// unknown. An extension of a compressed file is ignored: `TextStart` checks the contents.
  static func form(of path: String) -> Form? {
    var name = path.lowercased()
    for packed in [".gz", ".bz2", ".zst", ".xz"] where name.hasSuffix(packed) {
      name.removeLast(packed.count)
      break
    }
    let forms: [(String, Form)] = [
      (".jsonl", .json), (".ndjson", .json), (".json", .json), (".csv", .comma), (".tsv", .tab),
      (".txt", .text),
    ]
    return forms.first { name.hasSuffix($0.0) }?.1
  }

  /// Whether an input is a folder, or a file with a known extension.
  static func takes(_ input: String) -> Bool { File.isFolder(input) || form(of: input) != nil }

  /// The files of the inputs, in order.
  static func list(_ inputs: [String]) throws -> [Entry] {
    var files: [Entry] = []
    for input in inputs {
      if File.isFolder(input) {
        files += try list(folder: input)
        continue
      }
      guard File.exists(input) else { throw Failure.io(input, "does not exist") }
      guard let form = form(of: input) else {
        throw Failure.badInput(
          input, "is neither a folder nor .txt, .jsonl, .csv or .tsv",
          hint: "see --help for the inputs")
      }
      let name = input.utf8.lastIndex(of: 0x2f).map { input.utf8.index(after: $0) }
      let idStart = input.utf8.distance(
        from: input.utf8.startIndex, to: name ?? input.utf8.startIndex)
      files.append(Entry(path: input, form: form, idStart: idStart))
    }
    return files
  }

  /// The files of a folder. If it holds JSON lines, CSV or TSV files, they together are the corpus;
  /// otherwise files are documents, and subfolders are classes.
  private static func list(folder: String) throws -> [Entry] {
    let entries = try entries(of: folder)
    if let record = entries.first(where: { $0.isRecords }) {
      return try records(entries, like: record)
    }
    let idStart = folder.utf8.count + 1
    var files: [Entry] = []
    for entry in entries {
      guard entry.isFolder else {
        files.append(Entry(path: entry.path, form: .text, idStart: idStart))
        continue
      }
      for file in try Self.entries(of: entry.path) {
        guard !file.isFolder else {
          throw Failure.badInput(
            file.path, "is a third level of folders",
            hint: "folders hold classes, classes hold files")
        }
        guard !file.isRecords else {
          throw Failure.badInput(
            file.path, "is a file of records where a class has its documents",
            hint: "give the folders of such files as inputs, each by its name")
        }
        files.append(
          Entry(
            path: file.path, form: .text, idStart: idStart, classLength: entry.name.utf8.count))
      }
    }
    return files
  }

  /// The parts of a corpus that Spark, Hadoop or the like wrote, in the order of their names,
  /// without `_SUCCESS` and checksums.
  private static func records(
    _ entries: [FolderEntry], like first: FolderEntry
  ) throws -> [Entry] {
    try entries.filter { !$0.name.hasPrefix("_") && !$0.name.hasSuffix(".crc") }.map { entry in
      guard let form = first.form, !entry.isFolder, entry.form == form else {
        throw Failure.badInput(
          entry.path, "is something else beside files of records, such as \(first.name)",
          hint: "move it, or give the files themselves as inputs")
      }
      return Entry(path: entry.path, form: form)
    }
  }

  private struct FolderEntry {
    var name: String
    var path: String
    var isFolder: Bool
    /// Nil for a folder, and for an unknown extension.
    var form: Form?

    var isRecords: Bool { form.map { $0 != .text } ?? false }
  }

  /// The entries of a folder, without hidden files.
  private static func entries(of folder: String) throws -> [FolderEntry] {
    try File.names(in: folder).filter { !$0.hasPrefix(".") }.map { name in
      let path = "\(folder)/\(name)"
      switch File.kind(of: path) {
      case .folder: return FolderEntry(name: name, path: path, isFolder: true)
      case .regular:
        return FolderEntry(name: name, path: path, isFolder: false, form: form(of: name))
      case .other(let kind):
        throw Failure.badInput(path, "is \(kind)", hint: "folders hold plain files; move it")
      case nil: throw File.failure(path, "cannot be opened")
      }
    }
  }
}
