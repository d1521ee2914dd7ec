// swift-tools-version: 6.0
import PackageDescription

// Checked in debug builds, where the tests run; a tenth of the time of reading text
// otherwise.
let uncheckedExclusivity: [SwiftSetting] = [
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

// Imports point one way; see README.md, "Where things are".
/// Kernels are optimised in debug builds, too, with their assertions: the tests run these builds,
/// and would take minutes otherwise.
let optimisedKernels: [SwiftSetting] = [
  .unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))
]

let package = Package(
  name: "dec",
  products: [.executable(name: "dec", targets: ["dec"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // MARK: Shims
    .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
    .systemLibrary(name: "CARPACK", providers: [.apt(["libarpack2-dev"])]),
    .target(name: "CHost"),

    // MARK: Foundations
    .target(name: "Diagnostics", dependencies: ["CHost"]),
    .target(
      name: "DenseMath", dependencies: ["COpenBLAS", "CHost"], swiftSettings: optimisedKernels),
    .target(name: "Collectives", dependencies: ["CMPI", "CHost", "Diagnostics"]),

    // MARK: Product
    .target(
      name: "Datasets", dependencies: ["DenseMath", "Diagnostics", "CZlib", "CHost"],
      swiftSettings: uncheckedExclusivity),
    .target(
      name: "Text",
      dependencies: ["Datasets", "DenseMath", "Collectives", "Diagnostics", "CStemmer", "CHost"],
      swiftSettings: uncheckedExclusivity),
    .target(
      name: "DeepClustering",
      dependencies: ["Datasets", "DenseMath", "Collectives", "ClusteringMetrics", "Diagnostics"],
      swiftSettings: optimisedKernels),
    .target(name: "ClusteringMetrics"),
    .target(
      name: "SpectralClustering",
      dependencies: [
        "DeepClustering", "Datasets", "DenseMath", "Collectives", "Diagnostics", "COpenBLAS",
        "CARPACK",
      ],
      swiftSettings: optimisedKernels),
    .target(
      name: "Runs",
      dependencies: [
        "SpectralClustering", "DeepClustering", "ClusteringMetrics", "Datasets", "DenseMath",
        "Collectives", "Diagnostics",
      ]),
    .target(
      name: "Measurement",
      dependencies: [
        "DeepClustering", "Datasets", "DenseMath", "Collectives", "Diagnostics", "CHost",
      ]),
    .target(name: "Charts", dependencies: ["Diagnostics", "CZlib"]),
    .target(
      name: "ModelSelection",
      dependencies: [
        "SpectralClustering", "DeepClustering", "ClusteringMetrics", "Charts", "Datasets",
        "DenseMath", "Collectives",
        "Diagnostics",
      ]),
    .target(
      name: "Visualization",
      dependencies: [
        "DeepClustering", "ClusteringMetrics", "Charts", "Datasets", "DenseMath", "Collectives",
        "Diagnostics",
      ], swiftSettings: optimisedKernels),
    .target(
      name: "Report",
      dependencies: [
        "Visualization", "Runs", "Charts", "ClusteringMetrics", "Datasets", "DenseMath",
        "Diagnostics",
      ]),
    .target(
      name: "Reproduction",
      dependencies: [
        "ModelSelection", "Visualization", "Report", "Runs", "Charts", "ClusteringMetrics",
        "DeepClustering", "Datasets",
        "Collectives",
        "DenseMath", "Diagnostics",
      ]),
    .target(
      name: "Assignment",
      dependencies: [
        "Runs", "Text", "DeepClustering", "Datasets", "DenseMath", "Collectives", "Diagnostics",
      ]),
    .executableTarget(
      name: "dec",
      dependencies: [
        "Assignment", "Reproduction", "ModelSelection", "Report", "Runs", "Measurement",
        "SpectralClustering", "DeepClustering", "ClusteringMetrics", "Text",
        "Datasets", "Collectives", "Diagnostics", "CHost", "COpenBLAS",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ]),

    // MARK: Tests
    .target(
      name: "TestSupport",
      dependencies: ["DenseMath", "Datasets", "Text", "Collectives", "Diagnostics"],
      path: "Tests/TestSupport"),
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    .testTarget(name: "DenseMathTests", dependencies: ["DenseMath", "TestSupport"]),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "Text", "TestSupport"], exclude: ["Golden"]),
    .testTarget(
      name: "TextTests", dependencies: ["Text", "Datasets", "Collectives", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "DeepClusteringTests",
      dependencies: ["DeepClustering", "TestSupport", "CAllocationCount"],
      exclude: ["Golden"]),
    .testTarget(
      name: "ClusteringMetricsTests", dependencies: ["ClusteringMetrics", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "SpectralClusteringTests",
      dependencies: ["SpectralClustering", "ClusteringMetrics", "TestSupport"]),
    .testTarget(name: "MeasurementTests", dependencies: ["Measurement"]),
    .testTarget(name: "RunsTests", dependencies: ["Runs", "DeepClustering"]),
    .testTarget(
      name: "ReproductionTests",
      dependencies: ["Reproduction", "Runs", "Datasets", "Diagnostics", "TestSupport"]),
    .testTarget(
      name: "ModelSelectionTests",
      dependencies: ["ModelSelection", "DeepClustering", "Collectives", "TestSupport"]),
    .testTarget(
      name: "VisualizationTests", dependencies: ["Visualization", "DenseMath", "TestSupport"]),
    .testTarget(name: "ChartsTests", dependencies: ["Charts", "Diagnostics"]),
    .testTarget(
      name: "ReportTests",
      dependencies: ["Report", "Runs", "Datasets", "Diagnostics", "TestSupport"]),
    .testTarget(
      name: "ParallelTests",
      dependencies: [
        "Runs", "ModelSelection", "SpectralClustering", "DeepClustering", "Text", "Collectives",
        "CMPI", "Datasets", "TestSupport",
      ]),
    .testTarget(name: "CommandTests", dependencies: ["dec", "Datasets", "TestSupport"]),
  ]
)
