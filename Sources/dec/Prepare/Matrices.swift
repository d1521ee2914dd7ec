import ArgumentParser
import Collectives
import Datasets

extension Prepare {
  struct SVMLight: JobCommand {
    static let configuration = CommandConfiguration(
      commandName: "svmlight", abstract: "Sparse rows as text: label index:value ...",
      discussion: """
        Each label is a class; -1 means none, unless 1 is the only other label.

        Example:
          dec prepare svmlight train.svm.gz test.svm.gz --zero-based no --output data
        """)

    @Argument(help: "Files, in order; any may be gzipped.") var input: [String]
    @Option(help: "Whether the first feature is number 0; auto: where a 0 occurs.")
    var zeroBased = SVMLightReader.ZeroBased.auto
    @Option(help: "Number of features; otherwise as many as occur.") var features: Int?
    @OptionGroup var numbers: NumericInput
    @OptionGroup var output: Output

    func validate() throws {
      try require("--features", features, .featureCount)
    }

    func run(over world: any Communicator) throws {
      try numbers.prepare("svmlight", input, output, over: world) { scratch, progress in
        var reader = SVMLightReader()
        reader.progress = progress
        reader.zeroBased = zeroBased
        reader.features = features
        return try reader.read(input, scratch)
      }
    }
  }

  struct MatrixMarket: JobCommand {
    static let configuration = CommandConfiguration(
      commandName: "matrix-market",
      abstract: "Matrix Market files, coordinate or array; rows are documents.",
      discussion: """
        Example:
          dec prepare matrix-market counts.mtx.gz --labels classes.txt --output data
        """)

    @Argument(help: "Files, in order; any may be gzipped.") var input: [String]
    @OptionGroup var numbers: NumericInput
    @OptionGroup var output: Output

    func run(over world: any Communicator) throws {
      try numbers.prepare("matrix-market", input, output, over: world) { scratch, progress in
        var reader = MatrixMarketReader()
        reader.progress = progress
        return try reader.read(input, scratch)
      }
    }
  }

  struct NPZ: JobCommand {
    static let configuration = CommandConfiguration(
      commandName: "npz", abstract: "CSR matrices of scipy.sparse.save_npz; rows are documents.",
      discussion: """
        Example:
          dec prepare npz tfidf.npz --labels classes.npy --output data
        """)

    @Argument(help: "Files, in order; any may be gzipped.") var input: [String]
    @OptionGroup var numbers: NumericInput
    @OptionGroup var output: Output

    func run(over world: any Communicator) throws {
      try numbers.prepare("npz", input, output, over: world) { scratch, _ in
        try NPZReader().read(input, scratch)
      }
    }
  }

  struct NPY: JobCommand {
    static let configuration = CommandConfiguration(
      commandName: "npy", abstract: "Dense matrices of numpy.save, such as embeddings; [n, d].",
      discussion: """
        Example:
          dec prepare npy embeddings-0.npy embeddings-1.npy --labels classes.txt --output data
        """)

    @Argument(help: "Files, in order; any may be gzipped.") var input: [String]
    @OptionGroup var numbers: NumericInput
    @OptionGroup var output: Output

    func run(over world: any Communicator) throws {
      try numbers.prepare("npy", input, output, over: world) { scratch, _ in
        try NPYMatrixReader().read(input, scratch)
      }
    }
  }
}

extension SVMLightReader.ZeroBased: ExpressibleByArgument {}
