/// One line of `dec doctor`: what was found, and what to do about it.
package struct Finding: Codable, Equatable, Sendable {
  package enum Grade: String, Codable, Sendable {
    /// As it should be.
    case good
    /// The job works, but slower or less safely than it could.
    case warning
    /// A training would be refused, or fail.
    case fatal
  }

  package var grade: Grade
  /// What was looked at, in a word or two.
  package var subject: String
  /// What was found.
  package var found: String
  /// The command or setting that changes it; nil where there is nothing to change.
  package var cure: String?

  package init(_ grade: Grade, _ subject: String, _ found: String, cure: String? = nil) {
    self.grade = grade
    self.subject = subject
    self.found = found
    self.cure = cure
  }
}
