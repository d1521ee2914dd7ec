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
    // Places are whole numbers of 2⁻¹⁶ pixels: twice as fast as in Float, where each conversion to
    // a row and a column is checked.
    func fixed(_ place: Double) -> Int { Int((place * 0x1p16).rounded()) }
    let (bottom, right) = ((height - 1) << 16, (width - 1) << 16)
    let (sine, cosine) = (sin(motion.angle), cos(motion.angle))
    let (dy, dx) = (fixed(sine), fixed(cosine))
    let (centreY, centreX) = (Double(height - 1) / 2, Double(width - 1) / 2)
    for i in 0..<height {
      // Where the first pixel of the row comes from; the next ones are steps of (dy, dx) away.
      let v = Double(i) - centreY - motion.down
      let u = -centreX - motion.right
      var y = fixed(cosine * v + sine * u + centreY)
      var x = fixed(cosine * u - sine * v + centreX)
      let row = target + i &* width
      for j in 0..<width {
        let (inY, inX) = (min(max(y, 0), bottom), min(max(x, 0), right))
        let at = (inY &>> 16) &* width &+ (inX &>> 16)
        let next = inX < right ? at &+ 1 : at
        let below = inY < bottom ? width : 0
        let (shareY, shareX) = (Float(inY & 0xFFFF) * 0x1p-16, Float(inX & 0xFFFF) * 0x1p-16)
        let upper = source[at] + shareX * (source[next] - source[at])
        let lower =
          source[at &+ below] + shareX * (source[next &+ below] - source[at &+ below])
        row[j] = upper + shareY * (lower - upper)
        y &+= dy
        x &+= dx
      }
    }
  }
}
