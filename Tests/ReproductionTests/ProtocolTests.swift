import Datasets
import FoundationEssentials
import Runs
import TestSupport
import XCTest

@testable import Reproduction

/// Which runs an experiment needs, and what it reports of them.
final class ProtocolTests: FolderTestCase {
  private func corpus(_ source: String = "lyrl2004 x") throws -> CorpusEntry {
    let path = try file("x.svm", "0 1:1\n1 2:1\n2 1:1 2:1\n3 1:2 2:1\n")
    _ = try DatasetWriter(output: "\(folder)/data", replacing: true, source: source)
      .write(try SVMLightReader().read([path], Scratch(beside: "\(folder)/data")), scale: 1)
    return CorpusEntry("data", try DatasetFolder(opening: "\(folder)/data"))
  }

  func testEveryCellStandsBehindThoseThatItNeeds() throws {
    let corpus = try corpus()
    var plan = Plan(output: "/out")
    for (seeds, settings) in [(5, 9), (1, 0), (2, 3)] {
      (plan.seedCount, plan.settingCount) = (seeds, settings)
      for name in ExhibitName.allCases {
        let cells = name.exhibit.cells(on: corpus, plan)
        var seen: [String: Cell] = [:]
        for cell in cells {
          for need in cell.needs { XCTAssertNotNil(seen[need], "\(cell.path) needs \(need)") }
          XCTAssertEqual(seen[cell.path] ?? cell, cell, "two commands for one folder")
          seen[cell.path] = cell
        }
      }
    }
  }

  func testTheProtocolOfThePaper() throws {
    let (corpus, plan) = (try corpus(), Plan(output: "/out"))
    for method in Method.allCases {
      XCTAssertEqual(Set(method.sweep(on: corpus, plan).map(\.cell)).count, 9, method.name)
      XCTAssertEqual(Set(method.seeds(on: corpus, plan).map(\.cell)).count, 5, method.name)
    }
    let sweep = Method.dec.sweep(on: corpus, plan)
    XCTAssertEqual(
      sweep.map(\.setting), [10, 20, 40, 80, 160, 320, 640, 1280, 2560].map { "λ = \($0)" })
    XCTAssertEqual(
      sweep[2].cell.command,
      [
        "cluster", corpus.dataset.path, "--clusters", "4", "--model",
        "/out/runs/default/data/dec/default-seed-0", "--seed", "0", "--update-interval", "40",
        "--preset", "default", "--baselines", "false",
      ])
    XCTAssertEqual(sweep[2].cell.path, "runs/default/data/dec/update-interval-40-seed-0")
    // k-means has no setting: it runs nine times.
    XCTAssertEqual(Method.kMeans.sweep(on: corpus, plan).map(\.seed), Array(0..<9))
    // One search of neighbours serves all settings of both methods.
    let first = "runs/default/data/ldmgi/lambda-1e-4-seed-0"
    for method in [Method.ldmgi, .sec] {
      for reading in method.sweep(on: corpus, plan) + method.seeds(on: corpus, plan) {
        XCTAssertEqual(
          reading.cell.command.contains("--neighbours-of"), reading.cell.path != first)
      }
    }
  }

  func testFewerSettingsAreSpreadOut() {
    var plan = Plan(output: "/out")
    XCTAssertEqual(plan.settings, Array(0...8))
    XCTAssertNil(plan.note)
    for (count, expected) in [(3, [0, 4, 8]), (2, [0, 8]), (1, [2]), (0, [])] {
      plan.settingCount = count
      XCTAssertEqual(plan.settings, expected)
      XCTAssertNotNil(plan.note)
    }
  }

  func testAQuickRunHasFoldersOfItsOwn() throws {
    let corpus = try corpus()
    var plan = Plan(output: "/out")
    let whole = Method.training(seed: 0, on: corpus, plan)
    plan.isQuick = true
    XCTAssertNotEqual(Method.training(seed: 0, on: corpus, plan).path, whole.path)
    XCTAssertNotNil(plan.note)
  }

  /// 0.5, 0.7 and 0.6: the mean is 0.6, the deviation of a sample 0.1.
  func testWhatARowReports() throws {
    let corpus = try corpus()
    var plan = Plan(output: folder)
    (plan.seedCount, plan.settingCount) = (3, 2)
    var results = Results(plan)
    let seeds = Method.kMeans.seeds(on: corpus, plan)
    let sweep = Method.kMeans.sweep(on: corpus, plan)
    for (reading, acc) in zip(seeds + sweep.suffix(1), [0.5, 0.7, 0.6, 0.4]) {
      var record = RunRecord()
      record.outcome.status = RunRecord.Outcome.finished
      record.outcome.scores = .init(acc: acc, nmi: 0.1, ari: 0.2)
      let path = "\(folder)/\(reading.cell.path)"
      try WholeFile.makeFolder(path, replacing: true)
      try WholeFile.write(Array(try JSONEncoder().encode(record)), to: "\(path)/run.json")
      try results.add(reading.cell)
    }
    let row = MethodRow(.kMeans, on: corpus, results)
    let mean = try XCTUnwrap(row.mean)
    XCTAssertEqual(mean.value, 0.6, accuracy: 1e-12)
    XCTAssertEqual(try XCTUnwrap(mean.deviation), 0.1, accuracy: 1e-12)
    // Seeds 0 and 8 are the two settings.
    XCTAssertEqual(row.best?.acc, 0.5)
    XCTAssertEqual(row.lowest?.acc, 0.4)
    XCTAssertEqual(row.lowest?.reading.seed, 8)
    XCTAssertEqual(row.paper, 0.5242)
    XCTAssertNil(meanAndDeviation([0.5]).deviation)
  }

  func testARefusedMethodIsNotAvailable() throws {
    let (corpus, plan) = (try corpus(), Plan(output: folder))
    var results = Results(plan)
    for cell in [Method.ldmgi].cells(on: corpus, plan) { results.refuse(cell, "<too large>") }
    let row = MethodRow(.ldmgi, on: corpus, results)
    XCTAssertNil(row.best)
    XCTAssertEqual(row.refusal, "<too large>")
    XCTAssert([row].table.contains("title=\"&lt;too large&gt;\">N/A"), [row].table)
  }

  func testTheCorporaOfThePaper() throws {
    func paper(_ source: String, _ samples: Int, _ features: Int, classes: Int) -> PaperCorpus? {
      PaperCorpus(
        DatasetInfo(
          layout: .dense, samples: samples, features: features, nonzeros: 0,
          classNames: (0..<classes).map(String.init), seed: nil, source: source,
          corpusSamples: samples, emptySamples: 0))
    }
    XCTAssertEqual(paper("idx a b", 70_000, 784, classes: 10), .mnist)
    XCTAssertNil(paper("idx fashion-images", 70_000, 784, classes: 10))
    XCTAssertNil(paper("idx usps", 9298, 256, classes: 10))
    XCTAssertEqual(paper("stl10 x", 13_000, 1428, classes: 10), .stl)
    XCTAssertEqual(paper("lyrl2004 x", 685_071, 2000, classes: 4), .reuters)
    XCTAssertEqual(paper("lyrl2004 x", 2020, 2000, classes: 4), .reuters10k)
    XCTAssertNil(paper("text x", 2020, 2000, classes: 4))
  }
}
