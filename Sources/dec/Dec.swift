import ArgumentParser

@main
struct Dec: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "dec")
}
