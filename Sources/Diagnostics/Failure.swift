/// An error that ends a command: one line for the user, and the exit code of `dec`.
///
/// The line says what was found where, then what to do. Any other error that reaches the top of the
/// program is a defect.
public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The exit codes of `dec` for errors.
  public enum Kind: Int32, Sendable {
    /// The work failed: input or output, a loss that is not finite, a lost rank.
    case work = 1
    /// Wrong usage: options that contradict each other or the corpus.
    case usage = 2
    /// The input data are malformed, damaged or inconsistent.
    case badInput = 65
    /// A signal asked the job to stop, and a checkpoint was written: no defect, but not the end.
    case stopped = 75
  }

  public var kind: Kind
  /// One line, without the leading `dec: `.
  public var message: String
  /// Whether every rank throws this same failure, as `together` arranges. Otherwise only this rank
  /// throws, and has to abort the others.
  public var isShared = false

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var exitCode: Int32 { kind.rawValue }
  public var description: String { message }

  /// Bad input data: `path: location: found; hint`, where `location` is such as `line 7`.
  public static func badInput(
    _ path: String, at location: String? = nil, _ found: String, hint: String? = nil
  ) -> Failure {
    Failure(.badInput, line(path, location, found, hint))
  }

  /// Reading or writing failed: `path: found; hint`.
  public static func io(_ path: String, _ found: String, hint: String? = nil) -> Failure {
    Failure(.work, line(path, nil, found, hint))
  }

  /// Options that contradict each other or the corpus: `found; hint`.
  public static func usage(_ found: String, hint: String? = nil) -> Failure {
    Failure(.usage, hint.map { "\(found); \($0)" } ?? found)
  }

  private static func line(
    _ path: String, _ location: String?, _ found: String, _ hint: String?
  ) -> String {
    let subject = location.map { "\(path): \($0)" } ?? path
    let text = hint.map { "\(subject): \(found); \($0)" } ?? "\(subject): \(found)"
    // Bytes of a file name that are no UTF-8 (`PathName` in Datasets) are shown as U+FFFD.
    let isEscaped = text.unicodeScalars.contains { $0.value >= 0x10_ff80 }
    guard isEscaped else { return PlainText.line(text) }
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      line.append(scalar.value >= 0x10_ff80 ? "\u{fffd}" : scalar)
    }
    return PlainText.line(String(line))
  }
}
