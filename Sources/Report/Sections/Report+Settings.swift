import Charts
import Diagnostics
import FoundationEssentials
import Runs

/// The section at the end of the page: every setting in force, and the versions.
extension Report {
  var settingsSection: PageSection? {
    var groups: [(name: String, values: [(String, String)])] = [("run", [])]
    // As in the file: what a setting is called there is what its option is called.
    guard let json = try? JSONEncoder().encode(run.record),
      let record = try? JSONDecoder().decode(JSON.self, from: json)
    else { return nil }
    for (key, value) in record.entries where !["outcome", "format", "version"].contains(key) {
      if case .object = value {
        groups.append((key, Self.flat(value)))
      } else if key == "started", let seconds = value.number {
        let date = Date(timeIntervalSince1970: seconds)
        groups[0].values.append((key, date.formatted(.iso8601)))
      } else if let text = value.text {
        groups[0].values.append((key, text))
      }
    }
    if let bytes = record["outcome"]["peak_resident_bytes"].number {
      let megabytes = Format.count(Int((bytes / 1e6).rounded()))
      groups[0].values.append(("peak memory of a rank", "\(megabytes) MB"))
    }
    let lists = groups.filter { !$0.values.isEmpty }.map { group in
      "<div><h3>\(HTML.escape(Self.words(group.name)))</h3><dl>"
        + group.values.map { name, value in
          "<dt>\(HTML.escape(Self.words(name)))</dt><dd>\(HTML.escape(value))</dd>"
        }.joined(separator: "\n") + "</dl></div>"
    }
    guard !lists.isEmpty else { return nil }
    return PageSection(
      "Settings and versions", id: "settings",
      ["<div class=\"settings\">\n\(lists.joined(separator: "\n"))\n</div>"])
  }

  /// The values of an object; those of nested objects have names such as "outer.inner".
  private static func flat(_ object: JSON) -> [(String, String)] {
    object.entries.flatMap { key, value -> [(String, String)] in
      if case .object = value { return flat(value).map { ("\(key).\($0.0)", $0.1) } }
      return value.text.map { [(key, $0)] } ?? []
    }
  }

  /// "batch_size" as "batch size".
  static func words(_ name: String) -> String { String(name.map { $0 == "_" ? " " : $0 }) }
}

extension JSON {
  /// The value as text for readers; nil for null and for objects.
  var text: String? {
    switch self {
    case .null, .object: nil
    case .bool(let bool): bool ? "yes" : "no"
    case .integer(let number): "\(number)"
    case .number(let number): Format.plain(number)
    case .string(let string): string
    case .array(let elements): elements.compactMap(\.text).joined(separator: ", ")
    }
  }
}
