import Foundation
import XCTest

/// `dec prepare` of text, end to end.
final class PrepareTextTests: CommandTestCase {
  func testTheSameFilesAtEveryNumberOfRanks() throws {
    let text = try shell("$DEC prepare synthetic --documents 700 --as-text --output corpus")
    XCTAssertEqual(text.code, 0, text.all)
    let arguments =
      "prepare lyrl2004 corpus/tokens_0.dat --topics corpus/topics.qrels --limit 500 --output"
    for ranks in 1...4 {
      let result = try dec("\(arguments) data\(ranks)", ranks: ranks)
      XCTAssertEqual(result.code, 0, result.all)
      XCTAssert(result.all.contains("500 documents, 2000 features"), result.all)
      let differences = try shell("diff -r data1 data\(ranks)")
      XCTAssertEqual(differences.code, 0, "\(ranks) ranks: \(differences.all)")
    }
    XCTAssertEqual(try shell("ls -d *partial*").code, 2)
  }

  func testRowsKeepTheOrderOfTheInput() throws {
    try write(
      "t.jsonl", (0..<40).map { "{\"id\": \"d\($0)\", \"text\": \"word\($0 % 7)\"}\n" }.joined())
    let all = (0..<40).map { "d\($0)" }
    func ids(_ options: String, ranks: Int = 1) throws -> (ids: [String], said: String) {
      let result = try dec(
        "prepare text t.jsonl --output data --overwrite \(options)", ranks: ranks)
      XCTAssertEqual(result.code, 0, result.all)
      return (try read("data/ids.txt").split(separator: "\n").map(String.init), result.errors)
    }
    for ranks in [1, 3] {
      XCTAssertEqual(try ids("", ranks: ranks).ids, all)
      XCTAssertEqual(try ids("--keep-order --limit 9", ranks: ranks).ids, Array(all[..<9]))
      let shuffled = try ids("--shuffle", ranks: ranks).ids
      XCTAssertNotEqual(shuffled, all)
      XCTAssertEqual(shuffled.sorted(), all.sorted())
      XCTAssertNotEqual(try ids("--shuffle --seed 1", ranks: ranks).ids, shuffled)
      XCTAssertEqual(try ids("--shuffle --limit 9", ranks: ranks).ids, Array(shuffled[..<9]))
      let drawn = try ids("--limit 9", ranks: ranks)
      XCTAssertEqual(drawn.ids, all.filter(shuffled[..<9].contains))
      XCTAssert(drawn.said.contains("9 of 40 documents were drawn at random"), drawn.said)
    }
    XCTAssertEqual(try dec("prepare text t.jsonl --output x --shuffle --keep-order").code, 2)
  }

  func testOptionsOfTerms() throws {
    try write(
      "t.jsonl",
      (0..<30).map {
        "{\"text\": \"the ships don't \($0 % 3 == 0 ? "sail" : "burn") it w\($0)\"}\n"
      }
      .joined())
    try write("words", "# mine\nSHIPS\nburn\n")
    func prepare(_ options: String, ranks: Int = 1) throws -> [String] {
      let result = try dec(
        "prepare text t.jsonl --output data --overwrite \(options)", ranks: ranks)
      XCTAssertEqual(result.code, 0, result.all)
      return try read("data/vocabulary.tsv").split(separator: "\n").map {
        String($0.split(separator: "\t")[0])
      }.filter { !$0.hasPrefix("w") }
    }
    XCTAssertEqual(try prepare(""), ["burn", "sail", "ship"])
    XCTAssertEqual(try prepare("--no-stem"), ["burn", "sail", "ships"])
    let all = try prepare("--stop-words none")
    XCTAssertEqual(all, ["burn", "don", "it", "sail", "ship", "the"])
    XCTAssertEqual(try prepare("--stop-words none --weight tfidf --max-df 1"), all)
    XCTAssertEqual(
      try prepare("--stop-words english --language english"), ["burn", "sail", "ship"])
    XCTAssertEqual(try prepare("--stop-words words"), ["don", "it", "sail", "the"])
    XCTAssertEqual(try prepare("--max-df 0.6"), ["sail"])
    XCTAssertEqual(
      try prepare("--stop-words none --max-df 0.6 --weight bm25", ranks: 3), ["sail"])
    let inspected = try dec("inspect data")
    XCTAssert(
      inspected.output.contains("0 stop words, in at most 60 % of the documents, bm25"),
      inspected.all)
    for (options, code, part) in [
      ("--stop-words klingon", 1, "klingon: does not exist"), ("--max-df 0", 2, "--max-df is 0"),
      ("--max-df 1.5", 2, "--max-df"), ("--weight idf", 2, "one of 'tfidf' and 'bm25'"),
      ("--max-df 0.01", 65, "--max-df"),
      ("--language klingon", 2, "--language is klingon, but must be one of arabic, "),
      ("--language german", 2, "no list of german stop words; give --stop-words FILE"),
      ("--stop-words german", 2, "no list of german stop words; give --stop-words FILE"),
    ] {
      let result = try dec("prepare text t.jsonl --output bad \(options)")
      XCTAssertEqual(Int(result.code), code, result.all)
      XCTAssert(result.errors.contains(part), result.errors)
    }
  }

  func testTokenFilesKeepStopWords() throws {
    try write("tokens.dat", ".I 1\n.W\nthe oil\n\n.I 2\n.W\nthe bank\n")
    try write("topics", "CCAT 1 1\nGCAT 2 1\n")
    for (options, terms) in [
      ("", ["bank", "oil", "the"]), ("--stop-words english --weight bm25", ["bank", "oil"]),
    ] {
      let result = try dec(
        "prepare lyrl2004 tokens.dat --topics topics --output data --overwrite \(options)")
      XCTAssertEqual(result.code, 0, result.all)
      let vocabulary = try read("data/vocabulary.tsv").split(separator: "\n")
      XCTAssertEqual(vocabulary.map { String($0.split(separator: "\t")[0]) }, terms)
    }
  }

  func testTheWholeCorpusIsCounted() throws {
    _ = try shell("$DEC prepare synthetic --documents 50 --as-text --output corpus")
    let files = ["test_pt0", "test_pt1", "test_pt2", "test_pt3", "train"]
      .map { "lyrl2004_tokens_\($0).dat" }
    for name in files { _ = try shell("cp corpus/tokens_0.dat \(name)") }
    let whole = try shell(
      "$DEC prepare lyrl2004 \(files.joined(separator: " ")) --topics corpus/topics.qrels "
        + "--output data")
    XCTAssertEqual(whole.code, 0)
    XCTAssert(
      whole.all.contains("250 documents") && whole.all.contains("685071"), whole.all)
    let piece = try shell(
      "$DEC prepare lyrl2004 \(files[0]) --topics corpus/topics.qrels --output piece")
    XCTAssertFalse(piece.all.contains("685071"), piece.all)
  }

  func testInvalidUTF8IsReplacedAndCounted() throws {
    try Data(Array("{\"text\": \"good ".utf8) + [0xff, 0x20, 0xc3] + Array("\"}\n".utf8))
      .write(to: URL(fileURLWithPath: folder + "/a.jsonl"))
    let result = try shell("$DEC prepare text a.jsonl --output data")
    XCTAssertEqual(result.code, 0, result.all)
    XCTAssert(result.all.contains("2 invalid UTF-8 sequences replaced"), result.all)
  }

  func testTextWithoutBlanksIsToldOf() throws {
    try Data("机器学习是人工智能的一个分支\n我们今天去北京大学参观图书馆\n".utf8)
      .write(to: URL(fileURLWithPath: folder + "/a.txt"))
    let result = try shell("$DEC prepare text a.txt --lines --output data")
    XCTAssertEqual(result.code, 0, result.all)
    XCTAssert(result.all.contains("each run of 14 characters became one word"), result.all)
  }

  func testASignalLeavesNothing() throws {
    for (ranks, signal) in [(1, "INT"), (2, "TERM")] {
      // mpirun's own grace of a second: with 0 (scripts/mpi-settings) it kills ranks microseconds
      // after it told them.
      let launcher =
        ranks == 1
        ? "" : "env -u OMPI_MCA_odls_base_sigkill_timeout \(Self.launcher(ranks))"
      // A corpus that takes minutes, stopped when its folder is there; a shell's background job
      // would ignore SIGINT, timeout's does not. Without --foreground timeout tells mpirun twice,
      // and mpirun told twice kills its ranks at once.
      let result = try shell(
        "timeout --foreground -s \(signal) -k 20 4 \(launcher)$DEC prepare synthetic --documents 9000000 "
          + "--output data; ls")
      XCTAssertFalse(result.all.contains("9000000 documents"), result.all)
      XCTAssertFalse(result.all.contains("partial"), "\(ranks) ranks: \(result.all)")
      XCTAssertFalse(FileManager.default.fileExists(atPath: folder + "/data"))
    }
  }
}
