import ArgumentParser

/// The range of a numeric option, and its description in error messages.
struct Allowed<Value: Sendable>: Sendable {
  let text: String
  let contains: @Sendable (Value) -> Bool
}

extension Allowed where Value == Int {
  // The sum of several numbers below 2^40, and the product with a small number, do not overflow.
  static let positive = Allowed(text: "1 to 2^40") { (1...1 << 40).contains($0) }
  static let notNegative = Allowed(text: "0 to 2^40") { (0...1 << 40).contains($0) }
  /// The seeds of NumPy's generator.
  static let seed32 = Allowed(text: "0 to 2^32 - 1") { (0..<1 << 32).contains($0) }
  /// Feature indices are stored in 32 bits.
  static let featureCount = Allowed(text: "1 to 2^31 - 2") { (1..<Int(Int32.max)).contains($0) }

  static func range(_ range: ClosedRange<Int>) -> Allowed {
    Allowed(text: "\(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
  }
}

extension Allowed where Value == Double {
  static let positive = Allowed(text: "positive and finite") { $0 > 0 && $0.isFinite }
  static let notNegative = Allowed(text: "0 or more, and finite") { $0 >= 0 && $0.isFinite }
  static let rate = Allowed(text: "0 or more, and below 1") { $0 >= 0 && $0 < 1 }
  static let share = Allowed(text: "0 to 1") { $0 >= 0 && $0 <= 1 }
  static let finite = Allowed(text: "a finite number") { $0.isFinite }
}

/// Throws a usage error unless `value` is allowed. An option that was not given is nil, and
/// allowed.
func require<Value>(_ option: String, _ value: Value?, _ allowed: Allowed<Value>) throws {
  if let value, !allowed.contains(value) {
    throw ValidationError("\(option) is \(value), but must be \(allowed.text)")
  }
}
