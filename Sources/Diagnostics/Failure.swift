/// What ends a command: one line for the user, and the exit code of `dec`.
///
/// The line says what was found where, then what to do. Anything that is not a `Failure` and
/// reaches the top is a defect.
public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
  /// Exit codes of `dec` that an error can have.
  public enum Kind: Int32, Sendable {
    /// The work failed: input or output, numerical breakdown, a lost rank.
    case work = 1
    /// Wrong usage: options that contradict each other or the corpus.
    case usage = 2
    /// The input is not what it should be.
    case badInput = 65
  }

  public var kind: Kind
  public var message: String
  /// Whether every rank throws this same failure: `together` sets it. Otherwise this rank is alone
  /// with it, and has to end the others.
  public var isShared = false

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var exitCode: Int32 { kind.rawValue }
  public var description: String { message }

  /// Bad input: `path: line 7: found; hint`.
  public static func badInput(
    _ path: String, at place: String? = nil, _ found: String, hint: String? = nil
  ) -> Failure {
    Failure(.badInput, line(path, place, found, hint))
  }

  /// Reading or writing failed: `path: found; hint`.
  public static func io(_ path: String, _ found: String, hint: String? = nil) -> Failure {
    Failure(.work, line(path, nil, found, hint))
  }

  /// Options that cannot be followed: `found; hint`.
  public static func usage(_ found: String, hint: String? = nil) -> Failure {
    Failure(.usage, hint.map { "\(found); \($0)" } ?? found)
  }

  private static func line(
    _ path: String, _ place: String?, _ found: String, _ hint: String?
  ) -> String {
    let subject = place.map { "\(path): \($0)" } ?? path
    let text = hint.map { "\(subject): \(found); \($0)" } ?? "\(subject): \(found)"
    // What was found may be any bytes; the message stays one line, and leaves the terminal alone.
    guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
      return text
    }
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      line.append(scalar.value < 0x20 || scalar.value == 0x7f ? " " : scalar)
    }
    return String(line)
  }
}
