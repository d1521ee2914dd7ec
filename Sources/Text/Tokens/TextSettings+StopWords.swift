import Datasets
import Diagnostics

extension TextSettings {
  /// What `takeStopWords` takes beside files.
  public static var stopWordLists: [String] { ["none"] + StopWordList.all.map(\.language) }

  /// Sets the stop words: none, a language's list, or those of a file.
  ///
  /// A file has a word a line; `#` at the start of a line or after a blank begins a comment. All
  /// words are tokenized as the texts are, so that capitals and accents make no difference: "don't"
  /// becomes "don", where the minimum length is 2.
  ///
  /// - Parameter source: One of `stopWordLists`, or the path of a file. The name of a language is
  ///   never that of a file.
  public mutating func takeStopWords(_ source: String) throws {
    var words: [String] = []
    var known: Set<String> = []
    let tokenizer = Tokenizer(minimumLength: minimumLength)
    func take(_ text: UnsafeRawBufferPointer) {
      tokenizer.tokens(in: text) {
        let word = String(decoding: $0, as: UTF8.self)
        if known.insert(word).inserted { words.append(word) }
      }
    }
    if let list = StopWordList.all.first(where: { $0.language == source }) {
      var text = list.words
      text.withUTF8 { take(UnsafeRawBufferPointer($0)) }
    } else if Self.languages.contains(source) {
      throw Failure.usage(
        "there is no list of \(source) stop words",
        hint: "give --stop-words FILE, which has a word a line, or --stop-words none")
    } else if source != "none" {
      guard WholeFile.exists(source) else {
        throw Failure.io(
          source, "does not exist",
          hint: "--stop-words is \(Self.stopWordLists.joined(separator: ", ")), or a file")
      }
      let lines = try LineReader(path: source)
      while let line = try lines.next() { take(Self.withoutComment(line)) }
    }
    stopWords = words
  }

  private static func withoutComment(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let end = line.indices.first { i in
      line[i] == 0x23 && (i == 0 || line[i - 1] == 0x20 || line[i - 1] == 0x09)
    }
    return UnsafeRawBufferPointer(rebasing: line[..<(end ?? line.count)])
  }
}
