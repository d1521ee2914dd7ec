import Foundation
import XCTest

/// What ends a job from outside: hosts, cables and disks. `scripts/failures` tries all of it at
/// every moment; this is its core.
final class HostFailureTests: HostsTestCase {
  private let options =
    "--clusters 4 --layers 16,8 --layerwise-iterations 50 --finetune-iterations 150 "
    + "--max-iterations 20 --batch-size 64 --restarts 2 --trials 1 --tolerance 0 "
    + "--update-interval 10 --collapse-guard false --baselines false --quiet "
  private let often = "--checkpoint-minutes 0.002"

  /// Waits for the second checkpoint of a run, or the end of process `$job`.
  private let reach = #"""
    reach() {
      until [ "$(ls $1/checkpoints 2> /dev/null | tail -n 1)" \> 000001 ] || ! kill -0 $job 2> /dev/null
      do sleep .02; done
    }

    """#

  /// Without a hand, the job goes on with the two other hosts, to the bits of an undisturbed run.
  func testLaunchGoesOnWithoutAHostThatIsOff() throws {
    try prepare()
    let result = try hosts(
      reach + """
        "$DEC" train data --output whole \(options) || exit 1
        '\(Self.scripts)/launch' -n 3 --host h1,h2,h3 "$DEC" train data --output run \(options) \(often) & job=$!
        reach run; ip link set h3 down; kill -9 "$(< /dev/shm/h3.pid)"
        wait $job || exit
        cmp run/model.safetensors whole/model.safetensors && ls -A run /dev/shm && gone
        """, count: 3)
    XCTAssertEqual(result.code, 0, result.all)
    XCTAssert(
      result.errors.contains("launch: mpirun ended with code 205; the last checkpoint is run/"),
      result.errors)
    XCTAssert(
      result.errors.contains("; starting again without h3, which no longer answers"), result.errors)
    XCTAssertFalse(result.output.contains("vader_segment"), result.output)
    XCTAssertFalse(result.output.contains(".dec-lock"), result.output)
  }

  /// Frames between two hosts vanish; both still reach mpirun's host, so that only the watchdog can
  /// know. Then a cable is pulled.
  func testAPartitionAndAPulledCable() throws {
    try prepare()
    let result = try hosts(
      reach + """
        start() {
          run -n 2 --host h2,h3 "$DEC" train data --output $1 \(options) \(often) --stall-seconds $2 & job=$!
          reach $1
        }
        start run 5
        for i in 2 3; do on h$i ip neigh replace 10.77.0.$((5 - i)) lladdr 02:00:00:00:00:99 dev eth0; done
        wait $job; echo "code $?"; gone || exit
        for i in 2 3; do on h$i ip neigh del 10.77.0.$((5 - i)) dev eth0; done
        start cable 60
        ip link set h3 down
        wait $job; echo "code $?"; gone || exit
        "$DEC" train data --output whole \(options) || exit
        for run in run cable; do
          "$DEC" resume $run --quiet --checkpoint-minutes 0 || exit
          cmp $run/model.safetensors whole/model.safetensors || exit
        done
        """, count: 3)
    XCTAssertEqual(result.code, 0, result.all)
    XCTAssert(
      result.output.hasPrefix("code 99\ncode 205\n"), result.all)
    let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("dec: rank ") }
    XCTAssertEqual(lines.count, 1, result.errors)
    XCTAssert(
      result.errors.contains(" s in vain for another rank in ")
        && result.errors.contains("; the last checkpoint is run/checkpoints/0"), result.errors)
  }

  /// On a disk of its own: too small, filled on the way, and a run folder that is removed.
  func testAFullDisk() throws {
    try prepare()
    let result = try hosts(
      reach + """
        mkdir disk; mount -t tmpfs -o size=200k none disk
        train="run -n 2 --host h1:2 $DEC train data --output disk/run \(options) \(often)"
        $train; echo "code $?"
        mount -o remount,size=8m disk
        $train --overwrite & job=$!
        reach disk/run; dd if=/dev/zero of=disk/fill bs=4k 2> /dev/null
        wait $job; echo "code $?"; ls -A disk/run/checkpoints; rm disk/fill
        run -n 2 --host h1:2 "$DEC" resume disk/run --quiet --checkpoint-minutes 0 > /dev/null || exit
        "$DEC" train data --output whole \(options) > /dev/null || exit
        cmp disk/run/model.safetensors whole/model.safetensors || exit
        $train --overwrite & job=$!
        reach disk/run; rm -r disk/run
        wait $job; echo "code $?"; ls -A disk
        """, count: 1)
    XCTAssertEqual(result.code, 0, result.all)
    let lines = result.output.split(separator: "\n")
    XCTAssertEqual(lines.filter { $0 == "code 1" }.count, 3, result.all)
    XCTAssertEqual(lines.last, "code 1", "left: \(result.all)")
    XCTAssertFalse(lines.contains(".partial"), result.output)
    for text in [
      "disk/run: has 0.2 MB of space left, and the run needs about ",
      "No space left on device; the last checkpoint is disk/run/checkpoints/0",
      "disk/run/checkpoints: cannot be made: No such file or directory; ",
      "; make the folder writable, then go on with dec resume disk/run",
    ] {
      XCTAssert(result.errors.contains(text), "\(text) is not in: \(result.errors)")
    }
  }
}
