/// A value that JSON holds as an object, by a table of its keys. What an object lacks keeps its
/// default, so that files of earlier versions and files written by hand are read by the same rule.
public protocol KeyTable: Codable {
  /// What an empty object stands for.
  static var defaults: Self { get }
  static var keys: [TableKey<Self>] { get }
}

/// One key of a table: how its value is read and written.
public struct TableKey<Value> {
  /// The name in the file: an option's, where there is one.
  public let name: String
  let read: (inout Value, KeyedDecodingContainer<TextKey>) throws -> Void
  let write: (Value, inout KeyedEncodingContainer<TextKey>) throws -> Void

  /// - Parameter earlier: What version 1 of `run.json` called it.
  public init<T: Codable>(
    _ name: String, _ path: WritableKeyPath<Value, T>, earlier: String? = nil
  ) {
    self.name = name
    read = { value, object in
      for name in [name, earlier].compactMap({ $0 }) {
        if let read = try object.decodeIfPresent(T.self, forKey: TextKey(name)) {
          value[keyPath: path] = read
          return
        }
      }
    }
    write = { value, object in try object.encode(value[keyPath: path], forKey: TextKey(name)) }
  }

  /// A value that may be missing; nil is left out of the file.
  public init<T: Codable>(_ name: String, optional path: WritableKeyPath<Value, T?>) {
    self.name = name
    read = { value, object in
      value[keyPath: path] = try object.decodeIfPresent(T.self, forKey: TextKey(name))
    }
    write = { value, object in
      try object.encodeIfPresent(value[keyPath: path], forKey: TextKey(name))
    }
  }

  /// A number of which 0 says that there is none, as it does for the option of that name. Version 1
  /// left out what was nil.
  public init(
    _ name: String, zeroIsNil path: WritableKeyPath<Value, Int?>, earlier: String? = nil,
    isVersion1: @escaping (KeyedDecodingContainer<TextKey>) -> Bool = { _ in false }
  ) {
    self.name = name
    read = { value, object in
      if let read = try object.decodeIfPresent(Int.self, forKey: TextKey(name)) {
        value[keyPath: path] = read == 0 ? nil : read
      } else if let earlier, isVersion1(object) {
        value[keyPath: path] = try object.decodeIfPresent(Int.self, forKey: TextKey(earlier))
      }
    }
    write = { value, object in
      try object.encode(value[keyPath: path] ?? 0, forKey: TextKey(name))
    }
  }
}

/// A key that is known when the program runs.
public struct TextKey: CodingKey {
  public let stringValue: String
  public var intValue: Int? { nil }

  public init(_ name: String) { stringValue = name }
  public init?(stringValue: String) { self.stringValue = stringValue }
  public init?(intValue: Int) { nil }
}

extension KeyTable {
  public init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: TextKey.self)
    self = Self.defaults
    for key in Self.keys { try key.read(&self, object) }
  }

  public func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: TextKey.self)
    for key in Self.keys { try key.write(self, &object) }
  }
}
