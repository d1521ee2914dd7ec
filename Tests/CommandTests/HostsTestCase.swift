import Foundation
import XCTest

/// A test of jobs across hosts that `scripts/hosts` makes of network namespaces: h1, where the
/// commands run, h2, and so on. Skipped where the machine does not allow such hosts.
class HostsTestCase: CommandTestCase {
  static let scripts =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/scripts"

  let helpers = #"""
    run() { timeout 120 mpirun "$@"; }
    # A rank on each host.
    dec2() { run -n 2 --host h1,h2 "$DEC" "$@"; }
    # One as well, with other words before and behind the second rank's command.
    dec11() { run -n 1 --host h1 "$DEC" $1 : -n 1 --host h2 $2 "$DEC" $1 $3; }
    # The numbers on h1, which sees all hosts' processes, of those that have one of these names.
    processes() { grep -lxE "$1" /proc/[0-9]*/comm 2> /dev/null | cut -d / -f 3; }
    # Waits for the end of all that a job consists of; code 99 if there is none in a minute.
    gone() {
      for _ in {1..600}; do
        [ -n "$(processes 'dec|orted|mpirun')" ] || return 0
        sleep .1
      done
      cat $(processes 'dec|orted|mpirun' | sed 's|.*|/proc/&/cmdline|') | tr '\0' ' ' >&2
      return 99
    }

    """#

  /// Runs a shell script on h1, one of `count` hosts.
  func hosts(_ script: String, count: Int = 2) throws -> Result {
    try write("script", helpers + script)
    let result = try shell("timeout 600 '\(Self.scripts)/hosts' \(count) bash script")
    if result.code == 77 { throw XCTSkip(String(result.errors.dropLast())) }
    return result
  }

  func prepare(_ name: String = "data", seed: Int = 1) throws {
    let result = try dec("prepare synthetic --documents 300 --seed \(seed) --output \(name)")
    XCTAssertEqual(result.code, 0, result.errors)
  }
}
