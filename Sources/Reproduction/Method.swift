/// A method of the paper's tables.
public enum Method: String, CaseIterable, Sendable {
  case kMeans = "kmeans"
  case ldmgi
  case sec
  case aeKMeans = "ae-kmeans"
  case aeLDMGI = "ae-ldmgi"
  case aeSEC = "ae-sec"
  /// DEC without backpropagation: only the centroids learn.
  case frozen = "dec-frozen"
  case dec

  var name: String {
    switch self {
    case .kMeans: "k-means"
    case .ldmgi: "LDMGI"
    case .sec: "SEC"
    case .aeKMeans: "AE+k-means"
    case .aeLDMGI: "AE+LDMGI"
    case .aeSEC: "AE+SEC"
    case .frozen: "DEC w/o backprop"
    case .dec: "DEC"
    }
  }

  /// The hyperparameter that the paper varies.
  struct Hyperparameter {
    /// The paper's letter for it.
    var symbol: String
    /// The option of `dec`.
    var option: String
    /// The nine values (Section 4.3; for LDMGI and SEC those of their own papers).
    var values: [String]
    /// `dec`'s own; nil where the preset chooses it.
    var standard: String?
  }

  var hyperparameter: Hyperparameter {
    let decades = ["1e-8", "1e-6", "1e-4", "0.01", "1", "100", "1e4", "1e6", "1e8"]
    return switch self {
    case .kMeans, .aeKMeans:
      // "Since k-means does not have tunable hyperparameters, we simply run them 9 times."
      Hyperparameter(symbol: "seed", option: "--seed", values: (0..<9).map(String.init))
    case .ldmgi, .aeLDMGI:
      Hyperparameter(symbol: "λ", option: "--lambda", values: decades, standard: "1e-4")
    case .sec, .aeSEC:
      Hyperparameter(symbol: "μ", option: "--mu", values: decades, standard: "1e-4")
    case .frozen, .dec:
      Hyperparameter(
        symbol: "λ", option: "--update-interval", values: (0..<9).map { "\(10 << $0)" })
    }
  }

  /// The subcommand of `dec baseline`; nil for DEC.
  var baseline: String? {
    switch self {
    case .kMeans, .aeKMeans: "kmeans"
    case .ldmgi, .aeLDMGI: "ldmgi"
    case .sec, .aeSEC: "sec"
    case .frozen, .dec: nil
    }
  }

  /// Whether it clusters the autoencoder's code.
  var isOnCode: Bool { [.aeKMeans, .aeLDMGI, .aeSEC].contains(self) }
  var isSpectral: Bool { [.ldmgi, .sec, .aeLDMGI, .aeSEC].contains(self) }
}
