import ArgumentParser
import Collectives
import Datasets

extension Prepare {
  struct IDX: JobCommand {
    static let configuration = CommandConfiguration(
      commandName: "idx",
      abstract: "MNIST's files: pictures, then their labels where there are any.",
      discussion: """
        Example:
          dec prepare idx train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz \\
            t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz --output data
        """)

    @Argument(help: "Pictures, labels, pictures, labels, ...") var input: [String]
    @OptionGroup var numbers: NumericInput
    @OptionGroup var output: Output

    func run(over world: any Communicator) throws {
      try numbers.prepare("idx", input, output, over: world) { scratch, _ in
        try IDXReader().read(input, scratch)
      }
    }
  }

  struct STL10: JobCommand {
    static let configuration = CommandConfiguration(
      commandName: "stl10",
      abstract: "STL-10's files: pictures, then their labels where there are any.",
      discussion: """
        A row is the paper's 1,428 features: HOG, and an 8 x 8 map of colours.

        Example:
          dec prepare stl10 train_X.bin train_y.bin test_X.bin test_y.bin unlabeled_X.bin \\
            --output data
        """)

    @Argument(help: "Pictures, labels, pictures, labels, ...; any may be gzipped.")
    var input: [String]
    @OptionGroup var numbers: NumericInput
    @OptionGroup var output: Output

    func run(over world: any Communicator) throws {
      try numbers.prepare("stl10", input, output, over: world) { scratch, _ in
        try STL10Reader().read(input, scratch)
      }
    }
  }
}
