import DenseMath
import XCTest

@testable import DeepClustering

/// ‖∂L/∂z_i‖, which Figure 4 shows.
final class GradientMagnitudeTests: XCTestCase {
  /// Two clusters at 0 and 3, f = (2, 1/2).
  ///
  /// z = 1 has q = (5, 2)/7 and p = (25, 16)/41, hence m = (−30, 12)/287 and ∂L/∂z = m_1 − 2 m_2 =
  /// −54/287. Without f, p = (25, 4)/29, m = (30, −12)/203, and ∂L/∂z = 54/203. z = −1 has the
  /// distances 1 and 16: q = (17, 2)/19.
  func testTheHandWorkedCase() {
    var refresh = TargetRefresh()
    refresh.codes = [[1], [-1]]
    refresh.centroids = [[0], [3]]
    refresh.softFrequencies = [2, 0.5]
    let magnitudes = refresh.gradientMagnitudes()
    XCTAssertEqual(magnitudes.count, 2)
    XCTAssertEqual(magnitudes[0], 54.0 / 287, accuracy: 1e-6)
    let plain = refresh.gradientMagnitudes(frequencyExponent: 0)
    XCTAssertEqual(plain[0], 54.0 / 203, accuracy: 1e-6)
    // p = (289, 4)/293, m = (510, −60)/5567, and ∂L/∂z = −m_1 − 4 m_2.
    XCTAssertEqual(plain[1], 270.0 / 5567, accuracy: 1e-6)
  }
}
