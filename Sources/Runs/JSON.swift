import Diagnostics

/// Any JSON value, for files of other versions, in which any key may be missing.
package enum JSON: Codable, Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number that Int holds: as a Double it would lose digits above 2^53.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  package init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let integer = try? value.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let string = try? value.decode(String.self) {
      self = .string(string)
    } else if let array = try? value.decode([JSON].self) {
      self = .array(array)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .bool(let bool): try value.encode(bool)
    case .integer(let integer): try value.encode(integer)
    case .number(let number): try value.encode(number)
    case .string(let string): try value.encode(string)
    case .array(let array): try value.encode(array)
    case .object(let object): try value.encode(object)
    }
  }

  /// The value of `key`; null if there is none.
  package subscript(key: String) -> JSON {
    guard case .object(let values) = self else { return .null }
    return values[key] ?? .null
  }

  package var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number.isFinite ? number : nil
    default: nil
    }
  }

  package var integer: Int? {
    if case .integer(let integer) = self { return integer }
    return number.flatMap { Int(exactly: $0) }
  }

  package var string: String? {
    guard case .string(let string) = self else { return nil }
    return string
  }

  /// The elements of an array; an empty array for other values.
  package var elements: [JSON] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }

  /// The keys and values of an object in the order of the keys; an empty array for other values.
  package var entries: [(key: String, value: JSON)] {
    guard case .object(let values) = self else { return [] }
    return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
