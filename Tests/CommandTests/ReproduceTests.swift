import Foundation
import XCTest

/// `dec reproduce`, end to end on tiny data.
final class ReproduceTests: CommandTestCase {
  private let tiny =
    "--data corpora --output paper --quiet --seeds 1 --settings 1 --train-options="
    + "'--layers 16,8 --layerwise-iterations 2 --finetune-iterations 4 --trials 1' --cluster-options="
    + "'--max-iterations 20 --batch-size 64 --restarts 2 "

  private func prepare() throws {
    let made = try shell(
      "mkdir corpora; dec prepare synthetic --documents 150 --features 60 --output corpora/a")
    XCTAssertEqual(made.code, 0, made.all)
  }

  private func json(_ name: String) throws -> [String: Any] {
    try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(try read(name).utf8)) as? [String: Any])
  }

  /// The rows of a table, by method, of the first corpus.
  private func rows(_ name: String) throws -> [String: [String: Any]] {
    let table = try XCTUnwrap(try json("paper/results.json")[name] as? [String: Any])
    let corpora = try XCTUnwrap(table["corpora"] as? [[String: Any]])
    let rows = try XCTUnwrap(corpora[0]["rows"] as? [[String: Any]])
    return Dictionary(uniqueKeysWithValues: rows.map { ($0["method"] as! String, $0) })
  }

  /// When each run of the output was written last.
  private func times() throws -> String {
    try shell("find paper/runs -name run.json | sort | xargs stat -c '%n %Y %y'").output
  }

  func testTablesHaveTheNumbersOfTheirRuns() throws {
    try prepare()
    let first = try dec("reproduce table-2 figure-2 table-3 \(tiny)'", ranks: 2)
    XCTAssertEqual(first.code, 0, first.all)
    for name in ["table-2", "table-3"] {
      for (method, row) in try rows(name) {
        for kind in ["settings", "seeds"] {
          let readings = try XCTUnwrap(row[kind] as? [[String: Any]])
          XCTAssertEqual(readings.count, 1, method)
          for reading in readings {
            let path = "paper/\(reading["run"] as! String)"
            let outcome = try XCTUnwrap(try json("\(path)/run.json")["outcome"] as? [String: Any])
            let key =
              method == "ae-kmeans" && kind == "seeds"
              ? "ae_kmeans" : method.hasPrefix("dec") ? "dec" : "scores"
            let scores = try XCTUnwrap(outcome[key] as? [String: Any], "\(path) \(key)")
            XCTAssertEqual(reading["acc"] as? Double, scores["acc"] as? Double, path)
            XCTAssertEqual(reading["nmi"] as? Double, scores["nmi"] as? Double, path)
          }
        }
        let settings = try XCTUnwrap(row["settings"] as? [[String: Any]])
        let accuracies = settings.compactMap { $0["acc"] as? Double }
        XCTAssertEqual(row["best"] as? Double, accuracies[0], method)
        XCTAssert(try read("paper/\(name).html").contains(settings[0]["run"] as! String), method)
      }
    }
    XCTAssertEqual(
      Set(try rows("table-2").keys), ["kmeans", "ldmgi", "sec", "dec-frozen", "dec"])
    XCTAssert(try read("paper/figure-2.html").contains("<svg"))

    // Again: all runs are kept, and the pages are the same.
    let (before, pages) = (try times(), try read("paper/results.json"))
    XCTAssertEqual(try dec("reproduce table-2 figure-2 table-3 \(tiny)'").code, 0)
    XCTAssertEqual(try times(), before)
    XCTAssertEqual(try read("paper/results.json"), pages)
    // One training more for another seed, and what depends on other options anew.
    XCTAssertEqual(try dec("reproduce table-2 \(tiny)--tolerance 0.5'").code, 0)
    let kept = Set(before.split(separator: "\n")).intersection(
      try times().split(separator: "\n"))
    XCTAssertFalse(kept.contains { $0.contains("/dec/") }, "\(kept)")
    XCTAssert(kept.contains { $0.contains("/kmeans/") }, "\(kept)")
  }

  func testARunThatWasInterruptedGoesOn() throws {
    try prepare()
    let long =
      tiny.replacingOccurrences(of: "--max-iterations 20", with: "--max-iterations 1000")
      + "--tolerance 0 --collapse-guard false --frequency-exponent 0.5 --update-interval 10 "
    let run = "paper/runs/default/a/dec/default-seed-0"
    let stopped = try shell(
      """
      "$DEC" reproduce figure-3 \(long)--checkpoint-minutes 0.0001' & pid=$!
      until [ "$(ls \(run)/checkpoints 2>/dev/null | tail -n 1)" \\> 000004 ] ||
        ! kill -0 $pid 2>/dev/null
      do sleep .01; done
      kill -USR1 $pid; wait $pid
      """)
    assertRefused(stopped, 75, "the same command again goes on")
    XCTAssertTrue(try names(in: run).contains("checkpoints"))
    let lines = { try self.read("\(run)/metrics.jsonl").split(separator: "\n").count }
    XCTAssertGreaterThan(try lines(), 2)
    let started = try XCTUnwrap(try json("\(run)/run.json")["started"] as? Double)
    // It goes on with what it has: the record tells of one start.
    try shell("sleep 1.1")
    let resumed = try dec(
      "reproduce figure-3 \(long.replacingOccurrences(of: "--quiet ", with: ""))"
        + "--checkpoint-minutes 0.0001'")
    XCTAssertEqual(resumed.code, 0, resumed.all)
    XCTAssert(resumed.errors.contains("goes on"), resumed.errors)
    XCTAssertEqual(try json("\(run)/run.json")["started"] as? Double, started)
    XCTAssertFalse(try names(in: run).contains("checkpoints"))
    XCTAssert(try read("paper/figure-3.html").contains("Surest documents"))
  }

  /// Restricted corpora, their statistics, and the figures that look into a run.
  func testTheOtherTablesAndFigures() throws {
    try prepare()
    let options = tiny.replacingOccurrences(
      of: "--settings 1", with: "--settings 0")
    let made = try dec(
      "reproduce table-1 figure-3 figure-4 figure-5 figure-6 table-4 --quick \(options)'")
    XCTAssertEqual(made.code, 0, made.all)
    XCTAssertEqual(made.output.split(separator: "\n").count, 6, made.output)
    let results = try json("paper/results.json")
    func corpora(_ name: String) throws -> [[String: Any]] {
      try XCTUnwrap((results[name] as? [String: Any])?["corpora"] as? [[String: Any]])
    }
    XCTAssertEqual(try corpora("table-1")[0]["points"] as? Int, 150)
    let sizes = try corpora("table-4").map { $0["samples"] as! Int }
    XCTAssertEqual(sizes.count, 5)
    XCTAssertEqual(sizes, sizes.sorted(), "fewer are kept where r_min is less")
    XCTAssertLessThan(sizes[0], 120)
    for corpus in try corpora("table-4") {
      for row in try XCTUnwrap(corpus["rows"] as? [[String: Any]]) {
        XCTAssertNotNil(row["mean"] as? Double, "\(row)")
      }
    }
    let clusters = try XCTUnwrap(try corpora("figure-3")[0]["clusters"] as? [[[String: Any]]])
    XCTAssertEqual(clusters.map(\.count), [10, 10, 10, 10])
    let q = clusters[0].map { $0["q"] as! Double }
    XCTAssertEqual(q, q.sorted(by: >))
    let deciles = try XCTUnwrap(try corpora("figure-4")[0]["deciles"] as? [[String: Any]])
    XCTAssertEqual(deciles.count, 10)
    XCTAssert(deciles.allSatisfy { ($0["gradient"] as! Double) >= 0 })
    let maps = try XCTUnwrap(try corpora("figure-5")[0]["maps"] as? [[String: Any]])
    XCTAssertEqual(maps.map { $0["epoch"] as! Int }, [0, 3, 6, 9, 12])
    XCTAssert(maps.allSatisfy { $0["acc"] is Double && ($0["divergence"] as! Double) > 0 })
    XCTAssertEqual(
      try read("paper/figure-5.html").components(separatedBy: "<svg viewBox").count - 1, 6 + 4)
    let curves = try XCTUnwrap(try corpora("figure-6")[0]["curves"] as? [[String: Any]])
    XCTAssertEqual(curves.map { $0["clusters"] as! Int }, Array(2...8))
    XCTAssert(curves.allSatisfy { $0["generalizability"] is Double && $0["nmi"] is Double })
  }

  func testRefusals() throws {
    try prepare()
    assertRefused(try dec("reproduce table-9 \(tiny)'"), 2, "table-9")
    assertRefused(try dec("reproduce table-1 \(tiny)' --corpora b", ranks: 2), 2, "has no corpus b")
    assertRefused(try dec("reproduce table-1 --data . --output paper"), 2, "holds no corpus")
    assertRefused(
      try dec("reproduce table-1 --data corpora --output corpora/a"), 2, "holds a dataset.json")
    assertRefused(
      try dec("reproduce table-2 --data corpora --output paper --settings 10"), 2,
      "--settings is 10")
    assertRefused(
      try dec("reproduce figure-3 --data corpora --output paper --train-options=--layer=3"), 2,
      "has no option --layer")
  }
}
