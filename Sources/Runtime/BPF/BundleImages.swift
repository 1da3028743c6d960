package import Bundle
internal import IR

/// The map images of a bundle, all read and checked.
package struct BundleImages: Sendable {
  package let manifest: Manifest
  /// The text of the manifest, as it stands there.
  package let manifestBytes: [UInt8]
  /// In the order of the manifest.
  package let subjects: [Subject]

  package struct Subject: Sendable {
    package let name: String
    package let artifact: Manifest.Artifact
    /// The file.
    package let bytes: [UInt8]
    package let image: MapImage
  }

  package static let target = "bpf"

  /// Reads a directory that `build` wrote.
  /// - Throws: `NodeError` for the first file that is missing, is not what the manifest says, or is no image.
  package init(directory: String) throws(NodeError) {
    let path = directory + "/" + Manifest.fileName
    do throws(FileError) {
      manifestBytes = try FileAccess.read(path, limit: Manifest.maximumSize)
    } catch {
      throw NodeError(error)
    }
    do throws(ManifestError) {
      manifest = try Manifest(json: manifestBytes)
    } catch {
      throw NodeError("'\(path)': \(error.message)")
    }
    var subjects: [Subject] = []
    for subject in manifest.subjects {
      guard let artifact = subject.artifacts.first(where: { $0.target == BundleImages.target }) else {
        throw NodeError(
          "'\(path)': subject '\(subject.name)' has no map image; build the bundle with --target bpf"
        )
      }
      subjects.append(try BundleImages.read(subject.name, artifact, in: directory))
    }
    self.subjects = subjects
  }

  private static func read(_ name: String, _ artifact: Manifest.Artifact, in directory: String) throws(NodeError)
    -> Subject
  {
    let path = directory + "/" + artifact.file
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileAccess.read(path, limit: ImageFile.maximumSize)
    } catch {
      throw NodeError(error)
    }
    guard bytes.count == artifact.bytes, sha256(bytes) == artifact.sha256 else {
      throw NodeError("'\(path)' is not the file that was built: its size or SHA-256 differs from the manifest's")
    }
    let image: MapImage
    do throws(ImageError) {
      image = try ImageReader.read(bytes)
    } catch {
      throw NodeError("'\(path)': \(error)")
    }
    guard image.subject == name else {
      throw NodeError("'\(path)' is the image of '\(image.subject)', not of '\(name)'")
    }
    return Subject(name: name, artifact: artifact, bytes: bytes, image: image)
  }
}
