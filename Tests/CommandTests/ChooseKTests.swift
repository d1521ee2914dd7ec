import Foundation
import XCTest

/// `dec choose-k`, end to end on tiny data.
final class ChooseKTests: CommandTestCase {
  private let tiny =
    "--layers 16,8 --layerwise-iterations 2 --finetune-iterations 4 --max-iterations 2 "
    + "--batch-size 64 --quiet"

  func testAnswersCurvesPageAndAutoencoder() throws {
    XCTAssertEqual(try dec("prepare synthetic --documents 120 --clusters 3 --output data").code, 0)
    let chosen = try dec("choose-k data --from 2 --to 4 --output k \(tiny)", ranks: 2)
    XCTAssertEqual(chosen.code, 0, chosen.errors)
    XCTAssert(chosen.output.contains("middle: 3 clusters"), chosen.output)
    let json = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(try read("k/choose_k.json").utf8))
        as? [String: Any])
    let answers = try XCTUnwrap(json["answers"] as? [[String: Any]])
    XCTAssertEqual(answers.compactMap { $0["k"] as? Int }, [2, 3, 4])
    let curves = try XCTUnwrap(json["curves"] as? [[String: Any]])
    XCTAssertEqual(curves.compactMap { $0["clusters"] as? Int }, [2, 3, 4])
    XCTAssert(curves.allSatisfy { $0["nmi"] is Double && $0["generalizability"] is Double })
    XCTAssert(try read("k/choose_k.html").contains("Three answers"))
    XCTAssert(try read("k/run.json").contains("\"status\" : \"finished\""))

    // What it has pretrained serves dec cluster.
    let clustered = try dec(
      "cluster data --clusters 3 --model k --output run --batch-size 64 --max-iterations 5 --quiet")
    XCTAssertEqual(clustered.code, 0, clustered.errors)
    // What it cannot do is refused before the work, and leaves no folder.
    for (options, code, message) in [
      ("--from 2 --to 4 --output k", 2, "k exists and is not empty"),
      ("--from 5 --to 4 --output x", 2, "--to is 4, but must be above"),
      ("--from 1 --to 4 --output x", 2, "--from is 1, but must be 2 to 1000"),
      ("--from 2 --to 121 --output x", 2, "--to 121 for a sample of 120 documents"),
      ("--from 2 --to 4 --output x --model no", 1, "no"),
    ] as [(String, Int32, String)] {
      assertRefused(try dec("choose-k data \(options)"), code, message)
    }
    XCTAssertFalse(FileManager.default.fileExists(atPath: "\(folder)/x"))
  }

  /// Stopped while it pretrains, it goes on by dec resume to the answers of one that never was; and
  /// its run.json repeats it.
  func testAStoppedOneGoesOn() throws {
    let options =
      "--from 2 --to 4 --layers 16,8 --finetune-iterations 400 --max-iterations 2 "
      + "--batch-size 64 --quiet"
    XCTAssertEqual(try dec("prepare synthetic --documents 120 --clusters 3 --output data").code, 0)
    let stopped = try shell(
      """
      "$DEC" choose-k data --output k \(options) --checkpoint-minutes 0.0001 & pid=$!
      until [ -n "$(ls k/checkpoints 2>/dev/null)" ] || ! kill -0 $pid 2>/dev/null; do sleep .01; done
      kill -TERM $pid; wait $pid
      """)
    XCTAssertEqual(stopped.code, 75, stopped.all)
    XCTAssert(stopped.errors.contains("go on with dec resume k"), stopped.errors)
    let resumed = try dec("resume k --quiet", ranks: 2)
    XCTAssertEqual(resumed.code, 0, resumed.errors)
    let again = try dec("choose-k --config k/run.json --output again --quiet")
    XCTAssertEqual(again.code, 0, again.errors)
    XCTAssertEqual(try read("again/choose_k.json"), try read("k/choose_k.json"))
  }
}
