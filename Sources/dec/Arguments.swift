import ArgumentParser
import Diagnostics

/// Changes and checks of the arguments before they are parsed.
enum Arguments {
  /// Replaces `--name -1` by `--name=-1`: the parser would mistake the number for an option.
  static func joiningNegativeNumbers(_ words: [String]) -> [String] {
    var joined: [String] = []
    for (i, word) in words.enumerated() {
      if word == "--" { return joined + words[i...] }
      if let last = joined.last, last.hasPrefix("--"), !last.contains("="), word.hasPrefix("-"),
        Double(word) != nil
      {
        joined[joined.count - 1] = "\(last)=\(word)"
      } else {
        joined.append(word)
      }
    }
    return joined
  }

  /// Checks the names of commands and options. The parser would first complain of missing options.
  ///
  /// - Throws: `Failure.usage` that lists the valid names or the closest one, shared by all ranks.
  static func check(_ words: [String]) throws {
    // 1. The command.
    var command: any ParsableCommand.Type = Dec.self
    var path = "dec"
    var rest = words[...]
    while let word = rest.first, !word.hasPrefix("-"), word != "help" {
      let subcommands = command.configuration.subcommands
      if subcommands.isEmpty { break }
      guard let next = subcommands.first(where: { $0._commandName == word }) else {
        throw unknownCommand(word, of: path, subcommands.map { $0._commandName })
      }
      command = next
      path += " \(word)"
      rest = rest.dropFirst()
    }
    guard command.configuration.subcommands.isEmpty else { return }
    // 2. Its options.
    let options = options(of: command)
    for word in rest {
      if word == "--" { break }
      guard word.hasPrefix("--") else { continue }
      let name = String(word.prefix { $0 != "=" })
      guard options.contains(name) else {
        throw usage(
          "\(path) has no option \(name)",
          hint: closest(to: name, among: options).map { "did you mean \($0)?" }
            ?? "see \(path) --help")
      }
    }
  }

  private static func unknownCommand(_ word: String, of path: String, _ names: [String]) -> Failure
  {
    let all = names.joined(separator: ", ")
    if let near = closest(to: word, among: names) {
      return usage(
        "\(path) has no command \"\(word)\"", hint: "did you mean \(near)? There are \(all)")
    }
    return path == "dec prepare"
      ? usage(
        "\"\(word)\" is no kind of corpus",
        hint: "name the kind before the files, one of \(all): dec prepare text FILE --output DATA")
      : usage("\(path) has no command \"\(word)\"", hint: "there are \(all)")
  }

  /// A usage failure that every rank throws, since all have the same arguments.
  private static func usage(_ found: String, hint: String) -> Failure {
    var failure = Failure.usage(found, hint: hint)
    failure.isShared = true
    return failure
  }

  /// The long options of a command, taken from its help.
  private static func options(of command: any ParsableCommand.Type) -> [String] {
    let help = Dec.helpMessage(for: command, includeHidden: true)
    let words = help.split { !($0.isLetter || $0.isNumber || $0 == "-") }
    return ["--help", "--help-hidden", "--version"]
      + words.filter { $0.hasPrefix("--") && $0.count > 2 }.map { String($0) }
  }

  /// The name with the smallest edit distance to `word`; nil if none is close.
  static func closest(to word: String, among names: [String]) -> String? {
    let distances = names.map { distance(Array(word.utf8), Array($0.utf8)) }
    guard let least = distances.min(), least <= max(1, min(3, word.utf8.count / 3)) else {
      return nil
    }
    return names[distances.firstIndex(of: least)!]
  }

  /// The edit distance: the number of insertions, deletions, substitutions and swaps of neighbours
  /// that turn `a` into `b`.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, rows[i - 1][j - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
