import Foundation
import XCTest

/// Inputs that people really have, end to end.
final class InputTests: CommandTestCase {
  func testAFolderOfPartsAtEveryNumberOfRanks() throws {
    try shell("mkdir parts; touch parts/_SUCCESS")
    for part in 0..<3 {
      let lines = (0..<5).map { "{\"id\": \"\(part)-\($0)\", \"text\": \"oil gas \(part)\"}\n" }
      try write("parts/part-0000\(part).jsonl", lines.joined())
    }
    for ranks in 1...3 {
      let result = try dec("prepare text parts --keep-order --output data\(ranks)", ranks: ranks)
      XCTAssertEqual(result.code, 0, result.all)
      XCTAssert(result.all.contains("15 documents"), result.all)
      XCTAssertEqual(try read("data\(ranks)/ids.txt"), try read("data1/ids.txt"))
    }
    XCTAssert(try read("data1/ids.txt").hasPrefix("0-0\n0-1\n"))
  }

  func testNotes() throws {
    try write("a.txt", "oil gas\nbank loan\n")
    let one = try shell("dec prepare text a.txt --output data")
    XCTAssert(one.errors.contains("a.txt is read as one document; --lines"), one.errors)
    XCTAssert(one.errors.contains("1 documents"), one.errors)
    let two = try shell("dec prepare text a.txt --lines --output data --overwrite")
    XCTAssertFalse(two.errors.contains("--lines"), two.errors)
    XCTAssert(two.errors.contains("2 documents"), two.errors)
    try write("a.jsonl", "{\"id\":\"a\",\"text\":\"oil\"}\n{\"id\":\"a\",\"text\":\"gas\"}\n")
    let doubled = try shell("dec2 prepare text a.jsonl --output data --overwrite")
    XCTAssertEqual(doubled.code, 0, doubled.errors)
    XCTAssert(doubled.errors.contains("doubled ids: 1 of 2"), doubled.errors)
    XCTAssert(doubled.errors.contains("such as \"a\""), doubled.errors)
  }

  func testIDsWithLineEndsAreOneLineEach() throws {
    try write(
      "a.jsonl", "{\"id\":\"a\\nb\\rc\\r\\nd\",\"text\":\"oil\"}\n{\"id\":\"e\",\"text\":\"gas\"}\n"
    )
    try shell("dec prepare text a.jsonl --keep-order --output data --quiet")
    XCTAssertEqual(try read("data/ids.txt"), "a b c  d\ne\n")
    try shell("mkdir d; echo oil > $'d/a\\nb'; dec prepare text d --output e --quiet")
    XCTAssertEqual(try read("e/ids.txt"), "a b\n")
  }

  func testNamesThatAreNoUTF8() throws {
    let made = try shell("mkdir d; echo oil > $'d/caf\\xe9.txt'; dec prepare text d --output data")
    XCTAssertEqual(made.code, 0, made.errors)
    XCTAssertEqual(try read("data/ids.txt"), "caf\u{fffd}.txt\n")
    let argument = try shell(
      "dec prepare text $'d/caf\\xe9.txt' --output data --overwrite; cat data/dataset.json")
    XCTAssert(
      argument.output.contains("text d\\/caf\u{fffd}.txt")
        || argument.output.contains("text d/caf\u{fffd}.txt"), argument.all)
  }

  func testWhatIsRefused() throws {
    try write("array.json", "[{\"text\":\"oil\"}]\n")
    try write("t.jsonl", "{\"text\":\"oil\"}\n")
    try shell("mkdir d f; echo oil > d/a.txt; printf 'oil' | iconv -t UTF-16 > d/b.txt; mkfifo f/x")
    for (arguments, parts) in [
      ("array.json", ["array.json: line 1", "jq -c '.[]' array.json"]),
      ("t.jsonl --label-column topic", ["no document has a class in \"topic\""]),
      ("d", ["d/b.txt", "iconv -f UTF-16 -t UTF-8 d/b.txt"]), ("f", ["f/x", "is a FIFO"]),
    ] {
      for command in ["dec", "dec2"] {
        let result = try shell("\(command) prepare text \(arguments) --output data")
        XCTAssertEqual(result.code, 65, result.errors)
        let ours = result.errors.split(separator: "\n").filter { $0.hasPrefix("dec: ") }
        XCTAssertEqual(ours.count, 1, result.errors)
        for part in parts { XCTAssert(ours.first?.contains(part) ?? false, result.errors) }
      }
    }
  }

  func testStopWordsAreTakenAsTheTextIs() throws {
    try write("words.txt", "\u{e9}t\u{e9}\nm\u{ea}me\n")
    try write(
      "a.jsonl",
      "{\"text\":\"\u{c9}t\u{e9} m\u{ea}me harbour\"}\n{\"text\":\"\u{e9}t\u{e9} violin\"}\n")
    let result = try shell(
      "dec prepare text a.jsonl --no-stem --stop-words words.txt --output data")
    XCTAssertEqual(result.code, 0, result.errors)
    let terms = try read("data/vocabulary.tsv").split(separator: "\n").map {
      $0.split(separator: "\t")[0]
    }
    XCTAssertEqual(terms.sorted(), ["harbour", "violin"])
  }

  func testPicturesWithoutLabels() throws {
    let pictures: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 0, 30, 40]
    try Data(pictures).write(to: URL(fileURLWithPath: "\(folder)/p"))
    try write("labels.txt", "cat\n\n")
    let plain = try shell("dec prepare idx p --output data && ls data")
    XCTAssertEqual(plain.code, 0, plain.errors)
    XCTAssertFalse(plain.output.contains("labels.npy"), plain.output)
    let labelled = try shell(
      "dec prepare idx p --labels labels.txt --output data --overwrite && ls data")
    XCTAssert(labelled.output.contains("labels.npy"), labelled.errors)
  }

  func testAssigningStandardInputOfJSONLines() throws {
    let words = ["oil gas crude", "bank loan credit", "match team goal"]
    let lines = (0..<60).map { "{\"id\":\"d\($0)\",\"text\":\"\(words[$0 % 3])\"}\n" }
    try write("a.jsonl", lines.joined())
    try write("a.txt", (0..<60).map { words[$0 % 3] + "\n" }.joined())
    let made = try shell(
      """
      dec prepare text a.jsonl --output data --keep-order --quiet &&
      dec train data --clusters 3 --output run --layers 8,4 --layerwise-iterations 2 \
        --finetune-iterations 5 --max-iterations 5 --batch-size 20 --restarts 2 --quiet
      """)
    XCTAssertEqual(made.code, 0, made.errors)
    let expected = try read("run/assignments.tsv")
    for command in ["dec", "dec2"] {
      let result = try shell("\(command) assign run - --output - --quiet < a.jsonl")
      XCTAssertEqual(result.output, expected, result.errors)
      let file = try shell("\(command) assign run a.txt --lines --output - --quiet")
      XCTAssertEqual(
        file.output.replacingOccurrences(of: "\n", with: "\nd").dropLast(1).count,
        expected.count, file.errors)
    }
    try write("array.json", "[{\"text\":\"oil\"},{\"text\":\"gas\"}]\n")
    for command in ["dec", "dec2"] {
      let array = try shell(
        "\(command) assign run - --output o.tsv < array.json; code=$?; ls; exit $code")
      XCTAssertEqual(array.code, 65, array.errors)
      XCTAssert(array.errors.contains("standard input: line 1: is a JSON array"), array.errors)
      XCTAssertFalse(array.output.contains("o.tsv"), array.output)
    }
    let whole = try shell("dec assign run a.txt --output o.tsv")
    XCTAssert(whole.errors.contains("a.txt is read as one document"), whole.errors)
  }
}
