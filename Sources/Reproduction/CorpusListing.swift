import Datasets
import Diagnostics

/// A corpus that a folder holds: prepared, or what `dec prepare` makes it of.
public struct FoundCorpus: Equatable, Sendable {
  /// The folder's name.
  public var name: String
  /// The dataset folder; nil where it has to be prepared.
  public var dataset: String?
  /// The words of `dec prepare` that make the dataset, without `--output`; empty where it is there.
  public var preparation: [String] = []

  /// The corpora in a folder and in its subfolders, by name: datasets, RCV1-v2's token files,
  /// MNIST's and STL-10's files, and single files of JSON lines, CSV or TSV.
  ///
  /// - Throws: `Failure.usage` where there are none.
  public static func list(in folder: String) throws -> [FoundCorpus] {
    guard WholeFile.isFolder(folder) else {
      throw Failure.io(folder, "is no folder", hint: "name one that holds corpora by --data")
    }
    let subfolders = try WholeFile.names(in: folder).filter {
      !$0.hasPrefix(".") && WholeFile.isFolder("\(folder)/\($0)")
    }
    let name = String(folder.split(separator: "/").last ?? "data")
    let found =
      try [corpus(in: folder, name: name)]
      + subfolders.map { try corpus(in: "\(folder)/\($0)", name: $0) }
    let corpora = found.compactMap { $0 }
    guard !corpora.isEmpty else {
      throw Failure.usage(
        "\(folder) holds no corpus: neither a dataset, nor files of RCV1-v2, MNIST or STL-10",
        hint: "prepare one by dec prepare KIND ... --output \(folder)/NAME")
    }
    return corpora
  }

  private static func corpus(in folder: String, name: String) throws -> FoundCorpus? {
    let names = try WholeFile.names(in: folder)
    if names.contains("dataset.json") { return FoundCorpus(name: name, dataset: folder) }
    let paths = { (names: [String]) in names.map { "\(folder)/\($0)" } }
    // Of a file and the same gzipped, one is enough.
    let plain = names.filter { !$0.hasSuffix(".gz") || !names.contains(String($0.dropLast(3))) }
    let tokens = plain.filter {
      $0.hasPrefix("lyrl2004_tokens_t") && ($0.hasSuffix(".dat") || $0.hasSuffix(".dat.gz"))
    }
    if !tokens.isEmpty, let topics = plain.first(where: { $0.contains(".topics.qrels") }) {
      // By name: the authors' order, test_pt0 to test_pt3, then train.
      return FoundCorpus(
        name: name,
        preparation: ["lyrl2004"] + paths(tokens) + ["--topics", "\(folder)/\(topics)"])
    }
    // Training pictures first, as in the authors' code.
    if let idx = pairs(plain, "-images-idx3-ubyte", "-labels-idx1-ubyte") {
      return FoundCorpus(name: name, preparation: ["idx"] + paths(idx))
    }
    if let stl = pairs(plain, "_X.bin", "_y.bin") {
      return FoundCorpus(name: name, preparation: ["stl10"] + paths(stl))
    }
    let texts = plain.filter { name in
      [".jsonl", ".csv", ".tsv"].contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") }
    }
    return texts.count == 1
      ? FoundCorpus(name: name, preparation: ["text"] + paths(texts)) : nil
  }

  /// Pictures and their labels in turn, of those that have both; nil where none have.
  private static func pairs(
    _ names: [String], _ pictures: String, _ labels: String
  ) -> [String]? {
    let found = names.compactMap { name -> [String]? in
      guard let range = name.firstRange(of: pictures) else { return nil }
      let other = name[..<range.lowerBound] + labels + name[range.upperBound...]
      let label = names.first { $0 == other || $0 == other + ".gz" || $0 + ".gz" == other }
      return label.map { [name, $0] }
    }
    let sorted =
      found.filter { $0[0].hasPrefix("train") }
      + found.filter {
        !$0[0].hasPrefix("train")
      }
    return sorted.isEmpty ? nil : sorted.flatMap { $0 }
  }
}
