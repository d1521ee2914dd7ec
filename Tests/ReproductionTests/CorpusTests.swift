import Datasets
import Diagnostics
import TestSupport
import XCTest

@testable import Reproduction

/// Corpora in a folder, and what is taken of them.
final class CorpusTests: FolderTestCase {
  private func files(_ subfolder: String, _ names: [String]) throws {
    try WholeFile.makeFolder("\(folder)/\(subfolder)", replacing: true)
    for name in names { try file("\(subfolder)/\(name)", "x") }
  }

  func testWhatAFolderHolds() throws {
    try files("a", ["dataset.json", "dense.npy"])
    try files(
      "digits",
      [
        "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", "train-images-idx3-ubyte",
        "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
      ])
    try files("news", ["news.jsonl.gz", "README"])
    try files(
      "rcv1",
      [
        "lyrl2004_tokens_test_pt0.dat.gz", "lyrl2004_tokens_test_pt1.dat.gz",
        "lyrl2004_tokens_train.dat.gz", "lyrl2004_tokens_unlabelled.dat.gz",
        "rcv1-v2.topics.qrels.gz",
      ])
    try files("stl", ["test_X.bin", "test_y.bin", "train_X.bin", "train_y.bin", "unlabeled_X.bin"])
    try files("other", ["notes.txt"])
    func paths(_ subfolder: String, _ names: [String]) -> [String] {
      names.map { "\(folder)/\(subfolder)/\($0)" }
    }
    XCTAssertEqual(
      try FoundCorpus.list(in: folder),
      [
        FoundCorpus(name: "a", dataset: "\(folder)/a"),
        FoundCorpus(
          name: "digits",
          preparation: ["idx"]
            + paths(
              "digits",
              [
                "train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz",
                "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
              ])),
        FoundCorpus(name: "news", preparation: ["text"] + paths("news", ["news.jsonl.gz"])),
        FoundCorpus(
          name: "rcv1",
          preparation: ["lyrl2004"]
            + paths(
              "rcv1",
              [
                "lyrl2004_tokens_test_pt0.dat.gz", "lyrl2004_tokens_test_pt1.dat.gz",
                "lyrl2004_tokens_train.dat.gz",
              ]) + ["--topics"] + paths("rcv1", ["rcv1-v2.topics.qrels.gz"])),
        FoundCorpus(
          name: "stl",
          preparation: ["stl10"]
            + paths("stl", ["train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin"])),
      ])
    // A corpus is also a folder that holds one.
    XCTAssertEqual(try FoundCorpus.list(in: "\(folder)/a").map(\.name), ["a"])
    XCTAssertThrowsError(try FoundCorpus.list(in: "\(folder)/other")) { error in
      XCTAssertEqual((error as? Failure)?.kind, .usage, "\(error)")
    }
  }

  /// Section 5.4: rates from r_min for class 0 to 1 for the last.
  func testRetentionIsLinearInTheClass() {
    let (classes, each) = (5, 4000)
    let labels = (0..<classes * each).map { Int32($0 % classes) } + [-1]
    let kept = retainedDocuments(
      labels: labels, classCount: classes, minimumRetentionRate: 0.2, seed: 3)
    XCTAssertEqual(kept, kept.sorted())
    var counts = [Int](repeating: 0, count: classes)
    for i in kept { counts[Int(labels[i])] += 1 }
    for (c, rate) in [0.2, 0.4, 0.6, 0.8].enumerated() {
      // Four standard deviations of a binomial share.
      let tolerance = 4 * (rate * (1 - rate) / Double(each)).squareRoot()
      XCTAssertEqual(Double(counts[c]) / Double(each), rate, accuracy: tolerance, "class \(c)")
    }
    XCTAssertEqual(counts[classes - 1], each)
    let others = retainedDocuments(
      labels: labels, classCount: classes, minimumRetentionRate: 0.2, seed: 4)
    XCTAssertNotEqual(kept, others)
  }

  func testTheShareOfTheLargestClass() {
    XCTAssertEqual(
      StatisticsTable.largestShare([0, 1, 1, -1, 1, 2, -1], classCount: 3), 0.6)
  }
}
