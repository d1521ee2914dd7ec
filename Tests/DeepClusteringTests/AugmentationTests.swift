import Collectives
import Datasets
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

final class AugmentationTests: XCTestCase {
  private let picture = PictureShape(height: 6, width: 9)

  private func pixels(_ i: Int, _ j: Int) -> Float { Float(1 + 10 * i + j) / 3 }

  private func moved(
    by motion: Augmentation.Motion, _ picture: PictureShape, _ pixels: (Int, Int) -> Float
  ) -> [[Float]] {
    let source = (0..<picture.count).map { pixels($0 / picture.width, $0 % picture.width) }
    var target = [Float](repeating: .nan, count: picture.count)
    Augmentation.move(source, by: motion, picture, into: &target)
    return (0..<picture.height).map {
      Array(target[$0 * picture.width..<($0 + 1) * picture.width])
    }
  }

  private func expected(_ pixels: (Int, Int) -> Float) -> [[Float]] {
    (0..<picture.height).map { i in (0..<picture.width).map { pixels(i, $0) } }
  }

  func testWithoutMotionThePictureStays() {
    XCTAssertEqual(moved(by: .init(), picture, pixels), expected(pixels))
  }

  /// By whole pixels nothing is interpolated; what comes in is the border, again and again.
  func testAShiftByWholePixels() {
    for (down, right) in [(2, 0), (0, -3), (-1, 4)] {
      let shifted = moved(
        by: .init(down: Double(down), right: Double(right)), picture, pixels)
      let expected = expected { i, j in
        pixels(min(max(i - down, 0), 5), min(max(j - right, 0), 8))
      }
      XCTAssertEqual(shifted, expected)
    }
  }

  func testHalfAPixelIsTheMeanOfTwo() {
    let shifted = moved(by: .init(right: 0.5), picture, pixels)
    let expected = expected { i, j in (pixels(i, j) + pixels(i, max(0, j - 1))) / 2 }
    for (a, b) in zip(shifted.joined(), expected.joined()) { XCTAssertEqual(a, b, accuracy: 1e-5) }
  }

  /// A quarter of a turn takes the left column to the top or to the bottom row.
  func testARotation() {
    let square = PictureShape(height: 5, width: 5)
    let turned = moved(by: .init(angle: .pi / 2), square, pixels)
    for i in 0..<5 {
      for j in 0..<5 { XCTAssertEqual(turned[i][j], pixels(j, 4 - i), accuracy: 1e-4) }
    }
    // The centre stays, and what is the same everywhere does, too.
    XCTAssertEqual(moved(by: .init(angle: 0.1), square, pixels)[2][2], pixels(2, 2), accuracy: 1e-5)
    let plain = moved(by: .init(angle: 0.1, down: 0.3), square) { _, _ in 7 }
    XCTAssert(plain.joined().allSatisfy { $0 == 7 })
  }

  func testMotionsAreWithinTheirBoundsAndUseThem() {
    let augmentation = Augmentation(picture: picture, seed: 4, stage: 2)
    let motions = (0..<2000).map { augmentation.motion(of: $0, iteration: 3) }
    for (values, bound) in [
      (motions.map(\.angle), 10 * Double.pi / 180), (motions.map(\.down), 0.6),
      (motions.map(\.right), 0.9),
    ] {
      XCTAssert(values.allSatisfy { abs($0) <= bound })
      XCTAssertGreaterThan(values.max()!, 0.99 * bound)
      XCTAssertLessThan(values.min()!, -0.99 * bound)
      XCTAssertEqual(values.reduce(0, +) / 2000, 0, accuracy: 0.05 * bound)
    }
  }

  /// It belongs to seed, stage, iteration and document, and to nothing else.
  func testAMotionBelongsToItsDocument() {
    let augmentation = Augmentation(picture: picture, seed: 4, stage: 2)
    let x = normalMatrix(3, picture.count, seed: 1)
    var (all, one) = (Matrix(rows: 0, columns: x.columns), Matrix(rows: 0, columns: x.columns))
    augmentation.move(x, documents: [7, 8, 9], iteration: 5, into: &all)
    augmentation.move(x.rows(2..<3), documents: [9], iteration: 5, into: &one)
    XCTAssertEqual(all.row(2), one.row(0))
    let motion = augmentation.motion(of: 9, iteration: 5)
    for other in [
      augmentation.motion(of: 8, iteration: 5), augmentation.motion(of: 9, iteration: 6),
      Augmentation(picture: picture, seed: 5, stage: 2).motion(of: 9, iteration: 5),
      Augmentation(picture: picture, seed: 4, stage: 3).motion(of: 9, iteration: 5),
    ] {
      XCTAssertNotEqual(other, motion)
    }
  }

  // MARK: Training

  private func data(_ picture: PictureShape?) -> TrainingData {
    let rows = normalMatrix(96, 54, seed: 3)
    return TrainingData(
      Shard(memory: InputRows(rows), range: 0..<96, picture: picture), samples: 96,
      over: SoloCommunicator())
  }

  /// The losses of all stages, whose weights stay as they are.
  private func losses(augments: Bool, _ picture: PictureShape?) throws -> [Double] {
    var parameters = PretrainingParameters()
    parameters.layers = [20, 4]
    parameters.batchSize = 48
    parameters.initialization = .glorot
    (parameters.learningRate, parameters.corruption, parameters.hiddenDropout) = (0, 0, 0)
    (parameters.layerwiseIterations, parameters.finetuneIterations) = (6, 6)
    parameters.augments = augments
    var losses: [Double] = []
    let watch = EventObserver { losses.append($0.progress.loss!) }
    _ = try Pretraining(parameters).fit(to: data(picture), observers: [watch])
    return losses
  }

  /// The second stage, too, whose input is the output of the layers below.
  func testEveryStageOfPretrainingSeesMovedPictures() throws {
    let plain = try losses(augments: false, picture)
    XCTAssertEqual(plain.count, 3)
    for (a, b) in zip(plain, try losses(augments: true, picture)) { XCTAssertNotEqual(a, b) }
  }

  func testOtherRowsAreLeftAlone() throws {
    XCTAssertEqual(try losses(augments: true, nil), try losses(augments: false, nil))
  }

  /// Gradients see moved pictures; the refresh, and with it the targets, the pictures as they are.
  func testTheTargetsComeFromThePicturesAsTheyAre() throws {
    let data = data(picture)
    let start = Autoencoder(inputs: 54, widths: [20, 4], initialization: .glorot, seed: 1).encoder
    let clean = TargetRefresh(of: data, through: start, centroids: normalMatrix(3, 4, seed: 2))
    var losses: [Double] = []
    for augments in [false, true] {
      var parameters = ClusteringParameters(clusterCount: 3)
      (parameters.batchSize, parameters.learningRate, parameters.augments) = (48, 0, augments)
      (parameters.targetUpdateInterval, parameters.maxIterations) = (4, 4)
      parameters.labelChangeTolerance = 0
      var (encoder, mu) = (start, normalMatrix(3, 4, seed: 2))
      let watch = EventObserver { if let loss = $0.progress.loss { losses.append(loss) } }
      let outcome = try ClusteringPhase(parameters).fit(
        &encoder, &mu, to: data, observers: [watch])
      XCTAssertEqual(outcome.final, clean)
    }
    XCTAssertEqual(losses.count, 2)
    XCTAssertNotEqual(losses[0], losses[1])
  }

  func testOnlyTheDefaultPresetMovesPictures() {
    for preset in Preset.allCases {
      for isPicture in [false, true] {
        let moves = preset == .default && isPicture
        XCTAssertEqual(
          preset.pretraining(samples: 9, kind: isPicture ? .pictures : .vectors).augments, moves)
        XCTAssertEqual(
          preset.clustering(
            clusterCount: 2, samples: 9, kind: isPicture ? .pictures : .vectors
          ).augments, moves)
      }
    }
  }
}
