import ArgumentParser
import Datasets
import Diagnostics
import FoundationEssentials
import Runs
import Yams

/// `--config FILE` reads options from a YAML or JSON file. They are inserted before the options of
/// the command line, which override them. The `run.json` of a run is such a file, too, and repeats
/// it.
enum ConfigFile {
  /// The arguments, with the options of the file that `--config` names inserted.
  ///
  /// - Throws: `Failure.usage` if the file has an option that the command does not have;
  ///   `Failure.badInput` if it is malformed.
  static func expand(_ arguments: [String]) throws -> [String] {
    guard let command = Dec.configurable.first(where: { $0._commandName == arguments.first }) else {
      return arguments
    }
    let options = try OptionTable(command)
    let given = options.given(in: arguments.dropFirst())
    guard let path = given.values["config"] else { return arguments }
    let settings = try read(path, for: command._commandName, options)
    var inserted: [String] = []
    for (name, value) in settings where given.values[name] == nil && name != "config" {
      switch options.kinds[name] {
      case .positional: if !given.hasPositional { inserted.append(value) }
      case .option: inserted.append("--\(name)=\(value)")
      case .flag:
        guard let isSet = Bool(value) else {
          throw Failure.usage("\(path): \(name) is \"\(value)\"", hint: "give true or false")
        }
        if isSet { inserted.append("--\(name)") }
      case nil:
        let like = Arguments.closest(to: name, among: options.kinds.keys.sorted())
          .map { "did you mean \($0)?" }
        throw Failure.usage(
          "\(path): dec \(command._commandName) has no option \(name)",
          hint: like ?? "see dec \(command._commandName) --help")
      }
    }
    return [arguments[0]] + inserted + arguments.dropFirst()
  }

  /// The names and values in a file. Each name occurs once.
  private static func read(
    _ path: String, for command: String, _ options: OptionTable
  ) throws -> [(name: String, value: String)] {
    let bytes = try WholeFile.read(path)
    if let json = try? JSONDecoder().decode(JSON.self, from: Data(bytes)),
      json["format"].string == "dec-run"
    {
      return try RunFolder.readRecord(path).options(of: command)
        .filter { options.kinds[$0.name] != nil }
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self))
    } catch let error as YamlError {
      // The description quotes the file on further lines.
      let reason = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      throw Failure.badInput(
        path, "is no YAML or JSON: \(reason)", hint: "write NAME: VALUE a line")
    }
    guard let root else { return [] }
    guard let mapping = root.mapping else {
      throw Failure.badInput(
        path, "holds no options", hint: "write the name of an option, a colon and its value a line")
    }
    return try mapping.compactMap { key, value in
      let name = (key.string ?? "").map { $0 == "_" ? "-" : String($0) }.joined()
      guard let text = text(of: value) else {
        throw Failure.badInput(
          path, at: value.mark.map { "line \($0.line)" }, "the value of \(name) is no option's",
          hint: "give a word, a number or a list of them")
      }
      return text.isEmpty ? nil : (name, text)
    }
  }

  /// A value as it is written on a command line, with commas between the elements of a list; empty
  /// for null, and nil if it has no such form.
  private static func text(of value: Node) -> String? {
    if let list = value.sequence {
      let parts = list.map { $0.scalar?.string ?? "" }
      return parts.contains("") ? nil : parts.joined(separator: ",")
    }
    guard let scalar = value.scalar else { return nil }
    guard scalar.style == .plain || scalar.style == .any else { return scalar.string }
    if value.null != nil { return "" }
    return value.bool.map(String.init) ?? scalar.string
  }
}

extension Dec {
  /// The commands that have the option `--config`.
  fileprivate static var configurable: [any ParsableCommand.Type] {
    [Train.self, Pretrain.self, Cluster.self, ChooseK.self]
  }
}

/// The arguments of a command, taken from its help.
private struct OptionTable {
  enum Kind: String {
    case positional, option, flag
  }

  /// The kind of each argument, by its name without dashes.
  private(set) var kinds: [String: Kind] = [:]

  init(_ command: any ParsableCommand.Type) throws {
    let help = try JSONDecoder().decode(JSON.self, from: Data(command._dumpHelp().utf8))
    for argument in help["command"]["arguments"].elements {
      let names = argument["names"].elements.compactMap { $0["name"].string }
      for name in names + (names.isEmpty ? [argument["valueName"].string ?? ""] : []) {
        kinds[name] = argument["kind"].string.flatMap(Kind.init)
      }
    }
  }

  /// The options that occur in `arguments`, and whether a positional argument does.
  func given(in arguments: some Sequence<String>) -> (
    values: [String: String], hasPositional: Bool
  ) {
    var values: [String: String] = [:]
    var hasPositional = false
    var waiting: String?
    for argument in arguments {
      if let name = waiting {
        values[name] = argument
        waiting = nil
      } else if argument.hasPrefix("--") {
        let parts = argument.dropFirst(2).split(
          separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        if parts.count == 2 || kinds[name] == .flag {
          values[name] = parts.count == 2 ? String(parts[1]) : "true"
        } else {
          waiting = name
        }
      } else {
        hasPositional = true
      }
    }
    return (values, hasPositional)
  }
}
