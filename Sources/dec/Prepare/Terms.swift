import ArgumentParser
import Datasets
import Text

extension Prepare {
  /// Options of the text kinds.
  struct Terms: ParsableArguments {
    /// The stop words of a kind where `--stop-words` is not given.
    enum DefaultStopWords {
      /// The list of the language of the text.
      case ofTheLanguage
      /// None: the tokens are stems, and features are those of the paper.
      case none
    }

    @Option(help: "The most frequent terms that become features.")
    var features = TextSettings().features
    @Option(help: "Shortest term, in characters.") var minLength = TextSettings().minimumLength
    @Option(
      help: .init(
        "Words to leave out: \(TextSettings.stopWordLists.joined(separator: ", ")), or a file with "
          + "a word a line. (default: english for text, otherwise none)",
        valueName: "list-or-file"))
    var stopWords: String?
    @Option(
      help: .init(
        "Leave out terms in more than this share of the documents, such as 0.5.",
        valueName: "share"))
    var maxDf = TextSettings().maximumDocumentFrequency
    @Option(help: "Weight of a term in a document.") var weight = TextSettings().weight
    @Option(
      help: .init(
        "Characters of each document's beginning to keep for the report; 0 keeps no text.",
        valueName: "characters"))
    var keepText = 200

    func validate() throws {
      try require("--features", features, .featureCount)
      try require("--min-length", minLength, .positive)
      try require("--keep-text", keepText, .range(0...10_000))
      try require("--max-df", maxDf, .init(text: "above 0, and at most 1") { $0 > 0 && $0 <= 1 })
    }

    func settings(
      stems: Bool, language: String = TextSettings().language, stopWords fallback: DefaultStopWords
    ) throws -> TextSettings {
      var settings = TextSettings()
      settings.features = features
      settings.minimumLength = minLength
      settings.stems = stems
      settings.language = language
      settings.maximumDocumentFrequency = maxDf
      settings.weight = weight
      try settings.takeStopWords(stopWords ?? (fallback == .none ? "none" : language))
      return settings
    }
  }
}

extension TextSettings.Weight: ExpressibleByArgument {}
