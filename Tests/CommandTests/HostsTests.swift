import Foundation
import XCTest

/// Jobs across two hosts.
final class HostsTests: HostsTestCase {
  private var train: String { "train data --clusters 4 \(tinyTraining) --output" }
  /// A training that is at work when the test ends it.
  private let long =
    "train data --clusters 4 --layers 64,8 --layerwise-iterations 20000 "
    + "--finetune-iterations 100000 --quiet --output"

  // MARK: Several hosts as one

  func testTheSameBytesOnTwoHosts() throws {
    try prepare()
    let result = try hosts(
      """
      set -e
      run -n 2 --host h1:2 "$DEC" \(train) one
      dec2 \(train) two
      run -n 4 --host h1:2,h2:2 "$DEC" \(train) four
      on h2 "$DEC" \(train) alone
      for name in model.safetensors pretrained.safetensors assignments.npy assignments.tsv ids.txt; do
        for run in two four alone; do cmp one/$name $run/$name; done
      done
      for ranks in h1:2 h1,h2; do
        run -n 2 --host $ranks "$DEC" prepare synthetic --documents 300 --seed 1 --output $ranks
        run -n 2 --host $ranks "$DEC" assign one $ranks --output $ranks.tsv
        for name in data.npy indices.npy indptr.npy ids.txt labels.npy vocabulary.tsv; do
          cmp data/$name $ranks/$name
        done
      done
      cmp h1:2.tsv h1,h2.tsv
      gone
      """)
    XCTAssertEqual(result.code, 0, result.all)
  }

  // MARK: What differs on one host

  func testAnOutputFolderThatIsNotShared() throws {
    try prepare()
    for command in [
      "\(train) run", "\(train) run --overwrite",
      "prepare synthetic --documents 300 --output run/d",
      "prepare synthetic --documents 300 --as-text --output run/d",
    ] {
      let result = try hosts(
        """
        mkdir -p run
        on h2 mount -t tmpfs none run
        dec2 \(command)
        code=$?
        ls -A run
        on h2 ls -A run
        gone && exit $code
        """)
      assertRefused(result, 1, "rank 1 on h2 sees another folder there than rank 0 on h1; put")
      XCTAssertFalse(result.output.contains("\n"), "left: \(result.output)")
    }
  }

  func testADatasetThatIsAnotherOnOneHost() throws {
    try prepare()
    try prepare("other", seed: 8)
    func trained(_ change: String) throws -> Result {
      try hosts("\(change); dec2 \(train) run; code=$?; gone && exit $code")
    }
    assertRefused(
      try trained("on h2 mount --bind other data"), 1,
      "rank 1 on h2 has another dataset than rank 0 on h1")
    assertRefused(
      try trained("on h2 mount -t tmpfs none data"), 1,
      "data: is no dataset folder: it has no dataset.json; make one with dec prepare (rank 1 on h2)"
    )
    // A damaged copy, in the part that h2 reads.
    assertRefused(
      try trained(
        "cp data/* other; printf xxxx | dd of=other/indices.npy conv=notrunc status=none bs=1 "
          + "seek=$(($(stat -c %s other/indices.npy) - 400)); on h2 mount --bind other data"),
      65, "data/indices.npy: is not what dec prepare wrote")
    XCTAssertFalse(FileManager.default.fileExists(atPath: "\(folder)/run"))
  }

  func testACorpusThatIsAnotherOnOneHost() throws {
    try shell("mkdir -p corpus/{oil,corn}; for i in {1..20}; do echo oil $i > corpus/oil/$i; done")
    try shell("echo corn > corpus/corn/1; cp -r corpus other; rm other/oil/7; echo oil > words")
    let prepare = "prepare text corpus --stop-words words --output data"
    for (change, found) in [("other corpus", "input"), ("/dev/null words", "list of stop words")] {
      assertRefused(
        try hosts("on h2 mount --bind \(change); dec2 \(prepare); code=$?; gone && exit $code"),
        1, "rank 1 on h2 has another \(found) than rank 0 on h1")
    }
    XCTAssert(try names(in: ".").isDisjoint(with: ["data"]))
  }

  func testAModelThatIsAnotherOnOneHost() throws {
    try prepare()
    XCTAssertEqual(try shell("dec \(train) run && dec \(train) other --seed 5").code, 0)
    try write("text.txt", "oil\n")
    let assign = "dec2 assign run data --output clusters.tsv; code=$?; gone && exit $code"
    assertRefused(
      try hosts("on h2 mount --bind other run; \(assign)"), 1,
      "rank 1 on h2 has another model than rank 0 on h1")
    assertRefused(
      try hosts("on h2 mount -t tmpfs none data; \(assign)"), 1,
      "rank 1 on h2 has another kind of input than rank 0 on h1")
    XCTAssert(try names(in: ".").isDisjoint(with: ["clusters.tsv"]))
  }

  func testOptionsAndKernelsThatDiffer() throws {
    try prepare()
    func trained(_ before: String, _ behind: String) throws -> Result {
      try hosts("dec11 '\(train) run' '\(before)' '\(behind)'; code=$?; gone && exit $code")
    }
    assertRefused(
      try trained("", "--seed 5"), 1, "rank 1 on h2 has another command than rank 0 on h1")
    assertRefused(
      try trained("", "--sede 5"), 2,
      "dec train has no option --sede; did you mean --seed? (rank 1 on h2)")
    let kernels = try trained("-x OPENBLAS_CORETYPE=Nehalem", "")
    // This OpenBLAS may have one kind of kernels.
    if kernels.code != 0 {
      assertRefused(
        kernels, 1, "rank 1 on h2 has another set of OpenBLAS kernels than rank 0 on h1")
    }
    // A configuration file is read on each host.
    try write("options.yaml", "clusters: 4\n")
    try write("other.yaml", "clusters: 5\n")
    assertRefused(
      try hosts(
        "on h2 mount --bind other.yaml options.yaml; "
          + "dec2 train data --config options.yaml --output run \(tinyTraining); code=$?; gone && exit $code"
      ),
      1, "rank 1 on h2 has another command than rank 0 on h1")
  }

  // MARK: What ends

  func testAKilledRankEndsTheJob() throws {
    try prepare()
    for victim in ["h1", "h2"] {
      let result = try hosts(
        """
        dec2 \(long) run-\(victim) & job=$!
        until [ -s run-\(victim)/metrics.jsonl ] || ! kill -0 $job; do sleep .05; done
        # Process 1 of h1 is the ancestor of all: only h2 is told apart by its namespace.
        there=$(on h2 readlink /proc/self/ns/pid)
        for pid in $(processes dec); do
          [ "$(readlink /proc/$pid/ns/pid)" = "$there" ] && on=h2 || on=h1
          [ $on != \(victim) ] || kill -9 $pid
        done
        wait $job
        code=$?
        gone && exit $code
        """)
      XCTAssertEqual(result.code, 137, result.all)
      let evaluated = try dec("evaluate run-\(victim)")
      assertRefused(evaluated, 1, "has not finished")
    }
  }

  func testMPIRunIsKilled() throws {
    try prepare()
    let result = try hosts(
      """
      mpirun -n 2 --host h1,h2 "$DEC" \(long) run & job=$!
      until [ -s run/metrics.jsonl ] || ! kill -0 $job; do sleep .05; done
      kill -9 $job
      wait $job
      code=$?
      gone && exit $code
      """)
    XCTAssertEqual(result.code, 137, result.all)
  }

  func testARunOnAnotherHostHoldsTheFolder() throws {
    try prepare()
    let result = try hosts(
      """
      on h2 "$DEC" \(long) run & job=$!
      until [ -s run/metrics.jsonl ] || ! kill -0 $job; do sleep .05; done
      "$DEC" \(train) run --overwrite; code=$?
      kill -9 $(processes dec)
      gone
      # What a killed job on another host held is taken over: the lock goes with it.
      "$DEC" \(train) run --overwrite && exit $code
      """)
    assertRefused(result, 1, "run: is in use by dec train, process ")
    XCTAssert(result.errors.contains(" on h2; wait for it"), result.errors)
    XCTAssertEqual(try dec("evaluate run").code, 0)
  }
}
