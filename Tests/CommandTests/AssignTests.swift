import Foundation
import XCTest

@testable import dec

/// `dec assign` and `dec inspect`, end to end on a small corpus.
final class AssignTests: CommandTestCase {
  private static let words: [[Substring]] = [
    "oil gas crude barrels pipeline drilling".split(separator: " "),
    "bank loan credit interest deposits rates".split(separator: " "),
    "match team goal player season coach".split(separator: " "),
  ]

  /// 300 texts of three kinds; every 100th has no word at all.
  private var texts: [String] {
    (0..<300).map { (i: Int) -> String in
      if i % 100 == 99 { return "" }
      let chosen = (0..<12).map { (j: Int) -> Substring in
        Self.words[i % 3][(i * 7 + j * (j + i)) % 6]
      }
      return chosen.joined(separator: " ")
    }
  }

  private func makeRun() throws {
    let lines = texts.enumerated().map { "{\"id\": \"d\($0)\", \"text\": \"\($1)\"}\n" }
    try write("texts.jsonl", lines.joined())
    try write("lines.txt", texts.map { $0 + "\n" }.joined())
    let made = try shell(
      """
      dec prepare text texts.jsonl --output data --keep-order --quiet &&
      dec train data --clusters 3 --output run --layers 16,8 --layerwise-iterations 5 \
        --finetune-iterations 100 --max-iterations 20 --batch-size 64 --restarts 2 --quiet
      """)
    XCTAssertEqual(made.code, 0, made.errors)
  }

  func testTrainingTextGetsTheRunsOwnAssignments() throws {
    try makeRun()
    let expected = try read("run/assignments.tsv")
    // The dataset may go: the run has all it takes.
    try shell("cp -r data kept; rm -r data")
    for command in ["dec", "dec2"] {
      let text = try shell("\(command) assign run texts.jsonl --output a.tsv")
      XCTAssertEqual(text.code, 0, text.errors)
      XCTAssertEqual(try read("a.tsv"), expected, command)
      XCTAssert(text.errors.contains("3 of them without any known term"), text.errors)
      let dataset = try shell("\(command) assign run kept --output - --quiet")
      XCTAssertEqual(dataset.output, expected, command)
      let lines = try shell("\(command) assign run - --output - --quiet < lines.txt")
      func withoutIDs(_ text: String) -> [String] {
        text.split(separator: "\n").dropFirst().map {
          $0.split(separator: "\t").dropFirst().joined(separator: " ")
        }
      }
      XCTAssertEqual(withoutIDs(lines.output), withoutIDs(expected), lines.errors)
      XCTAssert(lines.output.contains("\n299\t"), lines.output)
      XCTAssertEqual(
        try shell(
          "\(command) assign run texts.jsonl --output a.npy && cmp a.npy run/assignments.npy"
        )
        .code, 0)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    XCTAssertFalse(left.contains { $0.contains("partial") }, "\(left)")
  }

  func testJSONLinesOut() throws {
    try makeRun()
    try write("new.csv", "text,id\noil gas crude,\"a \"\"b\"\"\"\nteam goal,c\\d\n")
    let result = try shell("dec assign run new.csv --output o.jsonl")
    XCTAssertEqual(result.code, 0, result.errors)
    let objects = try read("o.jsonl").split(separator: "\n").map {
      try XCTUnwrap(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    XCTAssertEqual(objects.map { $0["id"] as? String }, ["a \"b\"", "c\\d"])
    XCTAssertNotEqual(objects[0]["cluster"] as? Int, objects[1]["cluster"] as? Int)
    for object in objects {
      let probability = try XCTUnwrap(object["probability"] as? Double)
      let margin = try XCTUnwrap(object["margin"] as? Double)
      XCTAssert(probability > 1.0 / 3 && margin > 0 && margin <= probability, "\(object)")
    }
  }

  /// A reader of the pipe has the first results before the writer has ended.
  func testAPipeIsAnsweredBeforeItEnds() throws {
    try makeRun()
    let result = try shell(
      """
      mkfifo answers
      { echo "oil gas crude"; read -t 30 header <&3; read -t 30 first <&3; echo "got $first" >&2
        echo "team goal"; } 3< <(cat answers) | dec assign run - --output - --quiet > answers
      """)
    XCTAssert(result.errors.contains("got 0\t"), result.errors)
  }

  func testAMatrixIsScaledAsTheTraining() throws {
    let made = try shell(
      """
      python3 - <<'END'
      import numpy, struct
      random = numpy.random.RandomState(0)
      pixels = random.randint(0, 256, (70, 3, 4)).astype(numpy.uint8)
      pixels[::2, 0] = 0
      pixels[1::2, 2] = 0
      open("p", "wb").write(struct.pack(">IIII", 2051, 70, 3, 4) + pixels.tobytes())
      open("l", "wb").write(struct.pack(">II", 2049, 70) + bytes(70))
      numpy.save("raw.npy", pixels.reshape(70, 12).astype(numpy.float64))
      numpy.save("columns.npy", numpy.asfortranarray(pixels.reshape(70, 12)))
      numpy.save("narrow.npy", numpy.zeros((5, 11), numpy.float32))
      bad = pixels.reshape(70, 12).astype(numpy.float32)
      bad[60, 3] = numpy.nan
      numpy.save("nan.npy", bad)
      END
      dec prepare idx p l --output data --keep-order --quiet &&
      dec train data --clusters 2 --output run --layers 8,4 --layerwise-iterations 5 \
        --finetune-iterations 20 --max-iterations 10 --batch-size 32 --restarts 2 --quiet
      """)
    XCTAssertEqual(made.code, 0, made.errors)
    for command in ["dec", "dec2"] {
      for matrix in ["raw.npy", "columns.npy"] {
        let raw = try shell("\(command) assign run \(matrix) --output - --quiet")
        XCTAssertEqual(raw.output, try read("run/assignments.tsv"), raw.errors)
      }
      for (input, part) in [("narrow.npy", "[5, 11]"), ("nan.npy", "row 60, column 3")] {
        let bad = try shell("\(command) assign run \(input) --output o.tsv")
        XCTAssertEqual(bad.code, 65, bad.errors)
        XCTAssert(bad.errors.contains(part), bad.errors)
      }
      let text = try shell("echo oil | \(command) assign run - --output o.tsv")
      XCTAssertEqual(text.code, 65, text.errors)
      XCTAssert(text.errors.contains("not on text"), text.errors)
    }
    XCTAssertFalse(FileManager.default.fileExists(atPath: "\(folder)/o.tsv"))
  }

  func testWhatCannotBeAssigned() throws {
    try makeRun()
    try write("bad.jsonl", "{\"text\": \"oil\"}\n{\"text\": \n")
    try write("other.jsonl", "{\"text\": \"oil water\"}\n")
    try shell(
      """
      dec prepare text other.jsonl --output other --quiet
      cp -r run bare; rm bare/vocabulary.tsv
      cp -r run old; python3 -c "
      import json
      run = json.load(open('old/run.json')); del run['features']; json.dump(run, open('old/run.json', 'w'))"
      cp -r run unfinished; rm unfinished/model.safetensors
      cp -r run short; head -n 5 run/vocabulary.tsv > short/vocabulary.tsv
      """)
    for (arguments, code, part) in [
      ("run bad.jsonl --output o.tsv", 65, "bad.jsonl: line 2"),
      ("run other --output o.tsv", 65, "features"),
      ("bare texts.jsonl --output o.tsv", 65, "bare/vocabulary.tsv: is missing"),
      ("old texts.jsonl --output o.tsv", 65, "an earlier dec"),
      ("short texts.jsonl --output o.tsv", 65, "5 terms"),
      ("unfinished texts.jsonl --output o.tsv", 1, "model.safetensors"),
      ("nowhere texts.jsonl --output o.tsv", 1, "nowhere: does not exist"),
      ("run nowhere.jsonl --output o.tsv", 1, "does not exist"),
      ("run texts.jsonl --output o.txt", 2, ".jsonl"), ("run --output o.tsv", 2, "input"),
      ("run - texts.jsonl --output o.tsv", 2, "alone"),
      ("run data texts.jsonl --output o.tsv", 2, "alone"),
      ("run texts.jsonl --output nowhere/o.tsv", 1, "cannot be written"),
      ("run texts.jsonl --output data", 2, ".tsv"),
    ] {
      for command in ["dec", "dec2"] {
        let result = try shell("\(command) assign \(arguments) < /dev/null")
        XCTAssertEqual(Int(result.code), code, "\(command) \(arguments): \(result.errors)")
        let ours = result.errors.split(separator: "\n").filter { $0.hasPrefix("dec: ") }
        XCTAssertEqual(ours.count, 1, result.errors)
        XCTAssert(ours.first?.contains(part) ?? false, "\(arguments): \(result.errors)")
      }
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    XCTAssertFalse(left.contains { $0.hasPrefix("o.") }, "\(left)")
  }

  func testInspect() throws {
    try makeRun()
    let text = try shell("dec inspect data")
    XCTAssert(text.output.contains("documents     300, 3 of them empty"), text.output)
    XCTAssert(text.output.contains("memory/rank"), text.output)
    let json = try shell("dec2 inspect data --json --ranks 8 --terms 2")
    XCTAssertEqual(json.code, 0, json.errors)
    let object = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let dataset = try XCTUnwrap(object["dataset"] as? [String: Any])
    XCTAssertEqual(dataset["documents"] as? Int, 300)
    XCTAssertEqual(
      dataset["features"] as? Int, try read("data/vocabulary.tsv").split(separator: "\n").count)
    XCTAssertEqual((dataset["terms"] as? [Any])?.count, 2)
    let estimates = try XCTUnwrap(object["estimates"] as? [[String: Any]])
    XCTAssertEqual(estimates.map { $0["ranks"] as? Int }, [8])
    // Ranks of one host have the weights in common, some hundred kilobytes.
    let four = try shell("dec inspect data --json --ranks 8 --ranks-per-host 4")
    let shared = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(four.output.utf8)) as? [String: Any])
    let model = try XCTUnwrap(shared["model"] as? [String: Any])
    XCTAssertEqual(model["ranks_per_host"] as? Int, 4)
    let sharing = try XCTUnwrap(shared["estimates"] as? [[String: Any]])
    XCTAssertLessThan(
      try XCTUnwrap(sharing[0]["memory_bytes"] as? Int),
      try XCTUnwrap(estimates[0]["memory_bytes"] as? Int) - 100_000)
    XCTAssertEqual(try shell("dec inspect data --ranks 6 --ranks-per-host 4").code, 2)
    XCTAssertEqual(try shell("dec inspect data --ranks-per-host 0").code, 2)
    XCTAssertEqual(try shell("dec inspect data --ranks 0").code, 2)
    XCTAssertTrue(try shell("dec assign --help").output.contains("Example:"))
  }
}
