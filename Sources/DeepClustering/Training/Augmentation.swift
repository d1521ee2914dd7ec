import Datasets
import DenseMath
import Glibc

/// Random shifts and rotations of pictures (Guo et al. 2018, "Deep Embedded Clustering with Data
/// Augmentation"): what the network sees of a picture is a little different at each step.
///
/// How a picture is moved depends on (seed, stage, iteration, document), never on its row in the
/// minibatch or on the rank.
struct Augmentation: Sendable {
  /// The largest shift, as a share of the width and of the height.
  static let largestShift = 0.1
  /// The largest rotation, either way, in radians.
  static let largestAngle = 10 * Double.pi / 180

  let picture: PictureShape
  let seed: UInt64
  /// A number for the stage of training: those of a training have different ones.
  let stage: Int

  /// How one picture is moved: turned about its centre by `angle` in radians, then shifted by
  /// `down` and `right` in pixels.
  struct Motion: Equatable {
    var angle = 0.0
    var down = 0.0
    var right = 0.0
  }

  /// The motion of a document at an iteration; uniform, the angle and both shifts on their own.
  func motion(of document: Int, iteration: Int) -> Motion {
    var random = RandomStream(seed: seed, .augmentation, stage, iteration, document)
    func number(upTo bound: Double) -> Double { (2 * random.uniform() - 1) * bound }
    return Motion(
      angle: number(upTo: Self.largestAngle),
      down: number(upTo: Self.largestShift * Double(picture.height)),
      right: number(upTo: Self.largestShift * Double(picture.width)))
  }

  /// Replaces `moved` by the pictures of `x`, each moved; row i belongs to `documents[i]`.
  func move(_ x: Matrix, documents: [Int], iteration: Int, into moved: inout Matrix) {
    precondition(documents.count == x.rows && x.columns == picture.count)
    moved.resize(rows: x.rows)
    let x = Rows(x)
    moved.withMutableRows { moved in
      Threads.split(x.count, grain: 8) { rows in
        for i in rows {
          Self.move(
            x[i], by: motion(of: documents[i], iteration: iteration), picture, into: moved[i])
        }
      }
    }
  }

  /// Samples a picture bilinearly at the places that its pixels come from. Beyond the border it
  /// goes on with the pixels of the border, as in the authors' experiments.
  static func move(
    _ source: UnsafePointer<Float>, by motion: Motion, _ picture: PictureShape,
    into target: UnsafeMutablePointer<Float>
  ) {
    let (height, width) = (picture.height, picture.width)
    let (bottom, right) = (Float(height - 1), Float(width - 1))
    let (sine, cosine) = (Float(sin(motion.angle)), Float(cos(motion.angle)))
    let (down, across) = (Float(motion.down), Float(motion.right))
    for i in 0..<height {
      // The pixel's place from the centre, before the shift.
      let v = Float(i) - bottom / 2 - down
      for j in 0..<width {
        let u = Float(j) - right / 2 - across
        let y = min(max(cosine * v + sine * u + bottom / 2, 0), bottom)
        let x = min(max(cosine * u - sine * v + right / 2, 0), right)
        let (row, column) = (Int(y), Int(x))
        let (below, beside) = (y - Float(row), x - Float(column))
        let upper = source + row * width
        let lower = row + 1 < height ? upper + width : upper
        let next = column + 1 < width ? column + 1 : column
        let top = upper[column] + beside * (upper[next] - upper[column])
        let under = lower[column] + beside * (lower[next] - lower[column])
        target[i * width + j] = top + below * (under - top)
      }
    }
  }
}
