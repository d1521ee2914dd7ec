import Foundation
import XCTest

/// `dec baseline`, end to end on tiny data, without and under mpirun.
final class BaselineTests: CommandTestCase {
  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  private func json(_ text: Data) throws -> [String: Any] {
    try XCTUnwrap(JSONSerialization.jsonObject(with: text) as? [String: Any])
  }

  private func prepare() throws {
    XCTAssertEqual(try dec("prepare synthetic --documents 300 --output data").code, 0)
  }

  func testEveryMethodAtAnyNumberOfRanks() throws {
    try prepare()
    for method in ["kmeans", "ldmgi --lambda 1", "sec --mu 0.01"] {
      for ranks in [1, 3] {
        let run = try dec(
          "baseline \(method) data --clusters 4 --output run\(ranks) --overwrite --restarts 5",
          ranks: ranks)
        XCTAssertEqual(run.code, 0, run.errors)
        XCTAssert(run.output.contains("on the input  ACC"), run.output)
      }
      for name in ["assignments.npy", "assignments.tsv", "ids.txt"] {
        XCTAssertEqual(try bytes("run1/\(name)"), try bytes("run3/\(name)"), "\(method) \(name)")
      }
      let scores = try json(Data(try dec("evaluate run3").output.utf8))
      let record = try json(try bytes("run3/run.json"))
      let outcome = try XCTUnwrap(record["outcome"] as? [String: Any])
      XCTAssertEqual(outcome["status"] as? String, "finished")
      let recorded = try XCTUnwrap(outcome["scores"] as? [String: Any])
      XCTAssertEqual(recorded["acc"] as? Double, scores["acc"] as? Double)
    }
    XCTAssertEqual(try bytes("run1/eigenvalues.npy"), try bytes("run3/eigenvalues.npy"))
    XCTAssertEqual(try bytes("run1/eigenvalues.npy").count, 128 + 5 * 8)
    XCTAssertEqual(try bytes("run1/embedding.npy").count, 128 + 300 * 4 * 4)
    // The reports of other runs do not fit, but must not fail in another way than by a message.
    XCTAssertEqual(try dec("report run1").code, 0)
    assertRefused(try dec("resume run1"), 2, "no checkpoints")
  }

  func testNeighboursServeOtherSettings() throws {
    try prepare()
    XCTAssertEqual(try dec("baseline ldmgi data --clusters 4 --output a").code, 0)
    let other = try dec("baseline sec data --clusters 4 --neighbours-of a --output b")
    XCTAssertEqual(other.code, 0, other.errors)
    XCTAssert(other.errors.contains("those of an earlier run"), other.errors)
    XCTAssertEqual(try bytes("a/neighbours.npy"), try bytes("b/neighbours.npy"))
    let again = try dec("baseline ldmgi data --clusters 3 --lambda 10 --output a --overwrite")
    XCTAssert(again.errors.contains("those of an earlier run"), again.errors)
    let fresh = try dec("baseline sec data --clusters 4 --output c")
    XCTAssertFalse(fresh.errors.contains("those of an earlier run"), fresh.errors)
    XCTAssertEqual(try bytes("b/assignments.npy"), try bytes("c/assignments.npy"))

    let many = "baseline ldmgi data --clusters 4 --neighbours 40 --neighbours-of a --output d"
    assertRefused(try dec(many), 2, "has no 39 neighbours")
    XCTAssertEqual(
      try dec("prepare synthetic --documents 300 --seed 9 --output data2").code, 0)
    assertRefused(
      try dec("baseline sec data2 --clusters 4 --neighbours-of a --output d", ranks: 2), 2,
      "of these documents")
  }

  /// Table 3's methods on the autoencoder's code, and DEC without backpropagation, whose encoder
  /// stays that of the pretraining.
  func testOnARunsEmbedding() throws {
    try prepare()
    let train = try dec(
      "train data --clusters 4 --output run --freeze-encoder \(tinyTraining)", ranks: 2)
    XCTAssertEqual(train.code, 0, train.errors)
    XCTAssert(train.output.contains("DEC without backprop"), train.output)
    for stage in ["final", "pretrained"] {
      let kMeans = try dec(
        "baseline kmeans data --clusters 4 --on run --stage \(stage) --output km-\(stage)",
        ranks: 2)
      XCTAssertEqual(kMeans.code, 0, kMeans.errors)
    }
    XCTAssertEqual(
      try bytes("km-final/centroids.npy"), try bytes("km-pretrained/centroids.npy"),
      "the encoder has moved")
    for method in ["ldmgi", "sec"] {
      let run = try dec(
        "baseline \(method) data --clusters 4 --on run --stage pretrained --output ae-\(method)",
        ranks: 2)
      XCTAssertEqual(run.code, 0, run.errors)
      XCTAssert(run.output.contains("AE+\(method.uppercased())"), run.output)
      XCTAssertEqual(try dec("evaluate ae-\(method)").code, 0)
    }
    XCTAssertEqual(try dec("prepare synthetic --documents 200 --output other").code, 0)
    assertRefused(
      try dec("baseline sec other --clusters 4 --on run --output x"), 2, "another dataset")
  }

  func testRefusals() throws {
    try prepare()
    assertRefused(
      try dec("baseline kmeans data --clusters 300 --output x"), 2, "--clusters 300 of 300")
    assertRefused(
      try dec("baseline ldmgi data --clusters 4 --lambda 0 --output x"), 2, "--lambda is 0")
    assertRefused(
      try dec("baseline sec data --clusters 4 --mu -1 --output x"), 2, "--mu is -1")
    assertRefused(
      try dec("baseline sec data --clusters 4 --stage final --output x"), 2, "--on RUN")
    assertRefused(try dec("baseline lmdgi data --clusters 4 --output x"), 2, "did you mean ldmgi?")
    assertRefused(
      try dec("baseline ldmgi data --clusters 4 --max-hours 1e-12 --output x", ranks: 2), 1,
      "neighbours about")
  }
}
