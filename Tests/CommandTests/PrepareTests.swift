import Datasets
import Foundation
import XCTest

/// `dec prepare` of every kind that is numbers, by the built command, up to a run on it.
final class PrepareTests: CommandTestCase {
  private let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("DatasetsTests/Golden").path

  func testEveryKind() throws {
    for (arguments, features, layout) in [
      ("npz \(golden)/csr-unsorted.npz --labels \(golden)/labels.npy", 6, "csr"),
      ("svmlight \(golden)/base-1.svm --zero-based no --features 9", 9, "csr"),
      ("svmlight \(golden)/base-0.svm", 6, "csr"),
      ("matrix-market \(golden)/real.mtx.gz --labels \(golden)/labels.npy", 6, "csr"),
      ("matrix-market \(golden)/array.mtx --labels \(golden)/labels.npy", 6, "dense"),
      ("npy \(golden)/dense-f8-fortran.npy --labels \(golden)/labels.npy --scale 2", 6, "dense"),
    ] {
      let prepared = try dec("prepare \(arguments) --output data --overwrite")
      XCTAssertEqual(prepared.code, 0, prepared.errors)
      let info = try DatasetFolder(opening: folder + "/data").info
      XCTAssertEqual(info.samples, 7, arguments)
      XCTAssertEqual(info.features, features, arguments)
      XCTAssertEqual(info.layout.rawValue, layout, arguments)
      XCTAssertEqual(info.classNames, ["0", "1", "2"], arguments)
      XCTAssertEqual(info.emptySamples, 1, arguments)
      let inspected = try dec("inspect data")
      XCTAssertEqual(inspected.code, 0, inspected.errors)
      XCTAssert(
        inspected.output.contains("labels        7 of 7 in 3 classes: 1 3 (42.9 %)"),
        inspected.output)
      if !arguments.contains("--scale") {
        XCTAssert(inspected.output.contains("(1/d)|x|^2    mean 1.0000"), inspected.output)
      }
    }
    let pictures = "\(golden)/stl10-pictures.bin.gz"
    XCTAssertEqual(
      try dec("prepare stl10 \(pictures) \(pictures) --limit 4 --output stl").code, 0)
    let info = try DatasetFolder(opening: folder + "/stl").info
    XCTAssertEqual([info.samples, info.corpusSamples, info.features], [4, 6, 1428])
    XCTAssertNil(info.picture, "these features are no pixels")
  }

  private func augments(_ run: String) throws -> [Bool?] {
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(run)/run.json")))
    let record = try XCTUnwrap(json as? [String: Any])
    return ["pretraining", "clustering"].map {
      (record[$0] as? [String: Any])?["augment"] as? Bool
    }
  }

  /// Whether they are is in `dataset.json`; one of an earlier version does not say so.
  func testPicturesAreMovedAndOtherRowsAreNot() throws {
    let pixels = (0..<80 * 6 * 5).map { UInt8($0 * $0 % 251) }
    let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 80, 0, 0, 0, 6, 0, 0, 0, 5]
    try Data(header + pixels).write(to: URL(fileURLWithPath: folder + "/p"))
    XCTAssertEqual(try dec("prepare idx p --output data --quiet").code, 0)
    XCTAssertEqual(
      try DatasetFolder(opening: folder + "/data").info.picture,
      PictureShape(height: 6, width: 5))
    func train(_ output: String, _ options: String = "", ranks: Int = 1) throws -> Result {
      try dec(
        "train data --clusters 3 --output \(output) --layers 8,4 --layerwise-iterations 3 "
          + "--finetune-iterations 5 --max-iterations 5 --batch-size 32 --restarts 2 --quiet "
          + "--pretrain-learning-rate 0.01 \(options)", ranks: ranks)
    }
    for (run, options, ranks) in [
      ("one", "", 1), ("two", "", 2), ("still", "--augment false", 1),
      ("paper", "--preset paper", 1),
    ] {
      let result = try train(run, options, ranks: ranks)
      XCTAssertEqual(result.code, 0, result.errors)
    }
    XCTAssertEqual(try augments("one"), [true, true])
    XCTAssertEqual(try augments("still"), [false, false])
    XCTAssertEqual(try augments("paper"), [false, false])
    XCTAssertEqual(try read("one/assignments.tsv"), try read("two/assignments.tsv"))

    let info = try read("data/dataset.json")
    let picture = try XCTUnwrap(info.firstRange(of: /"picture" : \{[^}]*\},/))
    try write("data/dataset.json", info.replacingCharacters(in: picture, with: ""))
    XCTAssertEqual(try train("old").code, 0)
    XCTAssertEqual(try augments("old"), [false, false])
    let refused = try train("refused", "--augment true")
    XCTAssertEqual(refused.code, 2, refused.errors)
    XCTAssert(refused.errors.contains("dec prepare idx"), refused.errors)
    try write(
      "data/dataset.json", info.replacingOccurrences(of: "\"width\" : 5", with: "\"width\" : 6"))
    let bad = try train("bad")
    XCTAssertEqual(bad.code, 65, bad.errors)
    XCTAssert(bad.errors.contains("6 x 6 pixels in rows of 30"), bad.errors)
  }

  func testARunOnAnEmbedding() throws {
    // 300 rows of 384: three centres, and noise as large.
    var bytes = NPY.header(shape: [300, 384], type: .float32)
    var state: UInt32 = 1
    func random() -> Float {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / Float(1 << 24) - 0.5
    }
    let centres = (0..<3).map { _ in (0..<384).map { _ in random() } }
    for i in 0..<300 {
      for j in 0..<384 { withUnsafeBytes(of: centres[i % 3][j] + random()) { bytes += $0 } }
    }
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/x.npy"))
    try (0..<300).map { "\("abc".map(String.init)[$0 % 3])\n" }.joined()
      .write(toFile: folder + "/l", atomically: true, encoding: .utf8)
    let prepared = try dec("prepare npy x.npy --labels l --output data")
    XCTAssertEqual(prepared.code, 0, prepared.errors)
    let run = try dec(
      "train data --clusters 3 --output run --layers 16,8 --layerwise-iterations 20 "
        + "--finetune-iterations 40 --max-iterations 40 --batch-size 64 --restarts 3 --quiet")
    XCTAssertEqual(run.code, 0, run.errors)
    let scores = try dec("evaluate run")
    XCTAssert(scores.output.contains("\"acc\":1"), scores.output)
  }

  func testNumericRowsKeepTheOrderOfTheInput() throws {
    for (options, ids) in [
      ("", Array(0..<7)), ("--keep-order --limit 3", [0, 1, 2]),
      ("--shuffle", DocumentOrder.shuffled(seed: 1234).documents(of: 7)),
      ("--limit 3 --seed 5", DocumentOrder.shuffled(seed: 5).documents(of: 7, limit: 3).sorted()),
    ] {
      for kind in ["npy \(golden)/dense-f4.npy", "npz \(golden)/csr.npz"] {
        let result = try dec("prepare \(kind) --output data --overwrite \(options)")
        XCTAssertEqual(result.code, 0, result.errors)
        XCTAssertEqual(
          try read("data/ids.txt").split(separator: "\n").map { Int($0) }, ids, options)
        XCTAssertEqual(result.errors.contains("drawn at random"), options.hasPrefix("--limit"))
      }
    }
  }

  func testBadInputLeavesNothing() throws {
    try "1 1:1\n2 2:nan\n".write(toFile: folder + "/t.svm", atomically: true, encoding: .utf8)
    let good = try Data(contentsOf: URL(fileURLWithPath: "\(golden)/dense-f4.npy"))
    try good.dropLast().write(to: URL(fileURLWithPath: folder + "/cut.npy"))
    var damaged = try Data(contentsOf: URL(fileURLWithPath: "\(golden)/csr.npz"))
    damaged[150] ^= 0xff
    try damaged.write(to: URL(fileURLWithPath: folder + "/damaged.npz"))
    for (arguments, found) in [
      ("svmlight t.svm", "dec: t.svm: line 2: \"2:nan\" is NaN"), ("npy cut.npy", "dec: cut.npy: "),
      ("npz damaged.npz", "dec: damaged.npz: "), ("stl10 t.svm", "dec: t.svm: byte 0: "),
      ("matrix-market t.svm", "dec: t.svm: line 1: "), ("npy .", "dec: .: is a folder"),
      ("npy \(golden)/dense-f4.npy --labels t.svm", "dec: t.svm: has 2 labels for 7 documents"),
    ] {
      let result = try dec("prepare \(arguments) --output data")
      XCTAssertEqual(result.code, 65, "\(arguments): \(result.errors)")
      XCTAssert(result.errors.hasPrefix(found), result.errors)
      XCTAssertEqual(result.errors.split(separator: "\n").count, 1, result.errors)
    }
    for arguments in ["npy x --scale 0", "svmlight x --zero-based maybe", "npz x --limit 0"] {
      XCTAssertEqual(try dec("prepare \(arguments) --output data").code, 2, arguments)
    }
    XCTAssertEqual(
      Set(try FileManager.default.contentsOfDirectory(atPath: folder)),
      ["t.svm", "cut.npy", "damaged.npz", "out", "err"])
  }

  func testHelpHasAnExampleOfEveryKind() throws {
    for kind in ["svmlight", "matrix-market", "npz", "npy", "stl10"] {
      let help = try dec("prepare \(kind) --help")
      XCTAssertEqual(help.code, 0)
      XCTAssert(help.output.contains("Example:"), kind)
    }
  }
}
