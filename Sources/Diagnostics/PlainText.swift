/// Text of files and users inside lines of ours.
///
/// What a file holds may break a line, recolour a terminal, or show a line in another order than it
/// is stored ("Trojan Source", CVE-2021-42574).
public enum PlainText {
  /// Whether a scalar is no control character (C0, DEL, C1), no end of a line or a paragraph, and
  /// no control of the direction of writing (U+202A to U+202E, U+2066 to U+2069).
  public static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x20, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069: false
    default: true
    }
  }

  /// The text as one line: a blank in place of each scalar that is not plain.
  public static func line(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy(isPlain) { return text }
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { line.append(isPlain(scalar) ? scalar : " ") }
    return String(line)
  }
}
