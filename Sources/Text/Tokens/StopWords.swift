import Datasets

extension TextSettings {
  /// Takes the stop words of a file, one or more a line. They are tokenized as the texts are, so
  /// that capitals and accents make no difference.
  public mutating func readStopWords(_ path: String) throws {
    let tokenizer = Tokenizer(minimumLength: minimumLength)
    let lines = try LineReader(path: path)
    while let line = try lines.next() {
      tokenizer.tokens(in: line) { stopWords.append(String(decoding: $0, as: UTF8.self)) }
    }
  }
}
