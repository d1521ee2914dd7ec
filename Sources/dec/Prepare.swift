import ArgumentParser
import Collectives
import Datasets
import Diagnostics
import Glibc
import Text

struct Prepare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read a corpus, write a dataset folder.",
    discussion: """
      Example:
        dec prepare text articles.jsonl.gz --output data
      """,
    subcommands: [
      LYRL2004.self, Text.self, SVMLight.self, MatrixMarket.self, NPZ.self, NPY.self, IDX.self,
      STL10.self, Synthetic.self,
    ])

  /// Options of every kind.
  struct Output: ParsableArguments {
    @Option(help: "Dataset folder to write.") var output: String
    @Option(help: "Seed of --shuffle, of the documents that --limit draws, of lyrl2004's order.")
    var seed = 1234
    @Flag(help: "Shuffle the documents, as lyrl2004 does; otherwise they keep the input's order.")
    var shuffle = false
    @Flag(help: "Keep the input's order, also of lyrl2004; --limit then keeps the first documents.")
    var keepOrder = false
    @Option(
      help: "Keep so many documents, drawn at random; the first where they were shuffled.")
    var limit: Int?
    @Flag(help: "Replace an output folder that is not empty.") var overwrite = false
    @Flag(help: "Say nothing.") var quiet = false

    func validate() throws {
      try require("--limit", limit, .positive)
      try require("--seed", seed, .seed32)
      guard !(shuffle && keepOrder) else {
        throw ValidationError("--shuffle and --keep-order exclude each other")
      }
    }

    /// - Parameter shuffles: Whether the kind shuffles by default.
    func order(shuffles: Bool = false) -> DocumentOrder {
      if keepOrder { return .input }
      return shuffles || shuffle ? .shuffled(seed: seed) : .drawn(seed: seed)
    }

    /// Prints a note if documents were drawn at random.
    func noteDraw(_ info: DatasetInfo, by order: DocumentOrder) {
      guard case .drawn(let seed) = order, info.samples < info.corpusSamples else { return }
      Job.note(
        "\(info.samples) of \(info.corpusSamples) documents were drawn at random (--seed \(seed)), "
          + "in the order of the input; --keep-order keeps the first")
    }

    /// Prepares numeric input: rank 0 reads and writes, the other ranks wait. Collective.
    func prepare(
      _ source: String, over world: any Communicator,
      _ body: (DatasetWriter) throws -> DatasetInfo
    ) throws {
      Job.isQuiet = quiet
      try world.together {
        guard world.isRoot else { return }
        // Check this first: reading the corpus may take long.
        try DatasetFolder.checkOutput(output, replacing: overwrite)
        let info = try body(
          DatasetWriter(
            output: output, replacing: overwrite, order: order(), limit: limit,
            source: source))
        Job.note(Self.summary(info, output))
        noteDraw(info, by: order())
      }
    }
  }

  struct LYRL2004: JobCommand {
    static let configuration = CommandConfiguration(
      commandName: "lyrl2004",
      abstract: "RCV1-v2's token files; documents with exactly one of the root topics.",
      discussion: """
        Example:
          dec prepare lyrl2004 lyrl2004_tokens_test_pt0.dat.gz lyrl2004_tokens_train.dat.gz \\
            --topics rcv1-v2.topics.qrels.gz --output data
        """)

    @Argument(help: "Token files, in order.") var input: [String]
    @Option(help: "The topics of each document (qrels).") var topics: String
    @Option(help: "Root topics, the classes.") var roots = Self.publishedRoots
    @Flag(help: "Keep documents with none or several of the roots, unlabelled.")
    var keepUnlabelled = false
    @Flag(inversion: .prefixedNo, help: "Reduce tokens to English stems; these files hold stems.")
    var stem = false
    @OptionGroup var terms: Terms
    @OptionGroup var output: Output

    func validate() throws {
      let names = roots.split(separator: ",")
      guard !names.isEmpty, names.count <= 64, Set(names).count == names.count else {
        throw ValidationError("--roots are 1 to 64 different topics, such as CCAT,GCAT")
      }
    }

    func run(over world: any Communicator) throws {
      let reader = LYRL2004Reader(
        roots: roots.split(separator: ",").map(String.init), keepsUnlabelled: keepUnlabelled)
      let settings = try world.together { try terms.settings(stems: stem, stopWords: .none) }
      let info = try output.prepare(
        text: "lyrl2004 \(input.joined(separator: " "))", settings,
        keepText: terms.keepText, shuffles: true, over: world,
        try reader.source(input, topics: topics))
      if roots == Self.publishedRoots, !keepUnlabelled,
        let warning = PublishedCorpus.warning(input, documents: info.corpusSamples)
      {
        Job.warn(warning)
      }
    }

    private static let publishedRoots = "CCAT,GCAT,MCAT,ECAT"
  }

  struct Text: JobCommand {
    static let configuration = CommandConfiguration(
      commandName: "text", abstract: "Raw text: folders, JSON lines, CSV, TSV.",
      discussion: """
        Example:
          dec prepare text news/ --output data            (a folder a class, a file a document)
          dec prepare text articles.jsonl.gz --output data   ({"id", "text", "label"} a line)
          dec prepare text table.csv --text-column body --output data
          dec prepare text titles.txt --lines --output data  (a document a line)
          dec prepare text news/ --max-df 0.5 --weight bm25 --output data
          dec prepare text zeitung/ --language german --stop-words words.txt --output data
        """)

    @Argument(
      help: """
        Folders of texts or of .jsonl, .csv or .tsv parts; .txt, .jsonl, .csv or .tsv files; any \
        file may be gzipped.
        """)
    var input: [String]
    @Flag(help: "Take each line of a text file for a document.") var lines = false
    @Option(help: "Column or field of the text.") var textColumn = "text"
    @Option(help: "Column or field of the class; otherwise \"label\" where there is one.")
    var labelColumn: String?
    @Option(help: "Column or field of the id; otherwise \"id\" where there is one.")
    var idColumn: String?
    @Option(help: "A file with the classes, one a document: lines, or .npy.") var labels: String?
    @Flag(inversion: .prefixedNo, help: "Reduce words to stems.")
    var stem = true
    @Option(help: "Language of the stems and the stop words, such as german.")
    var language = TextSettings().language
    @OptionGroup var terms: Terms
    @OptionGroup var output: Output

    func validate() throws {
      let languages = TextSettings.languages
      try require(
        "--language", language,
        .init(text: "one of \(languages.joined(separator: ", "))") { languages.contains($0) })
    }

    func run(over world: any Communicator) throws {
      var reader = TextReader()
      reader.textColumn = textColumn
      reader.readsLines = lines
      reader.labelColumn = labelColumn ?? reader.labelColumn
      reader.idColumn = idColumn ?? reader.idColumn
      reader.requiresColumns = (labelColumn != nil, idColumn != nil)
      Job.isQuiet = output.quiet
      if let note = reader.note(on: input) { Job.note(note) }
      let settings = try world.together {
        try terms.settings(stems: stem, language: language, stopWords: .ofTheLanguage)
      }
      _ = try output.prepare(
        text: "text \(input.joined(separator: " "))", settings, labels: labels,
        keepText: terms.keepText, over: world, try reader.source(input))
    }
  }

  struct Synthetic: JobCommand {
    static let configuration = CommandConfiguration(
      commandName: "synthetic", abstract: "A made-up corpus like RCV1, to try things on.",
      discussion: """
        Example:
          dec prepare synthetic --documents 20000 --clusters 4 --output data
          dec prepare synthetic --documents 685071 --as-text --output corpus
          dec prepare lyrl2004 corpus/tokens_*.dat --topics corpus/topics.qrels --output data
        """)

    @Option(help: "How many documents.") var documents = 20_000
    @Option(help: "How many root topics.") var clusters = 4
    @Flag(help: "Write token files and topics, for dec prepare lyrl2004, in place of a dataset.")
    var asText = false
    @OptionGroup var terms: Terms
    @OptionGroup var output: Output

    func validate() throws {
      try require("--documents", documents, .positive)
      try require("--clusters", clusters, .range(1...1000))
    }

    func run(over world: any Communicator) throws {
      let corpus = SyntheticCorpus(documents: documents, clusters: clusters, seed: output.seed)
      guard asText else {
        let settings = try world.together { try terms.settings(stems: false, stopWords: .none) }
        _ = try output.prepare(
          text: "synthetic", settings, keepText: terms.keepText, unit: 1, over: world, corpus)
        return
      }
      Job.isQuiet = output.quiet
      let text = SyntheticText(corpus, output: output.output, replacing: output.overwrite)
      let (files, bytes) = try text.write(over: world)
      Job.note(
        "\(documents) documents, \(Format.fixed(Double(bytes) / 1e6, 1)) MB in \(files.count) "
          + "token files and \(SyntheticText.topics): \(output.output)")
    }
  }
}
