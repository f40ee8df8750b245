/** Version check: that a version is what was signed, by whom this device trusts, under this name, and that its bytes are still right. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { ModelFile } from '@skerry/contract/models/model'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import { digestOf } from '@skerry/platform/files/hash'
import { type Trust, trustProblem } from '@skerry/platform/signatures/version-signatures'

/** What is wrong with the version as it is described: its signature, its name, its list of files. Reads no file. */
export function signatureProblem(item: DesiredItem, trust: Trust): Cause | undefined {
  const { version, digest, files } = item
  const paths = new Set(files.map(({ path }) => path))
  if (paths.size < files.length) return { code: 'version_damaged', message: 'the version lists a file twice' }
  if (versionDigest(files) !== digest) {
    return {
      code: 'version_damaged',
      message: `the digest of version ${version} does not match its files; push it again`,
    }
  }
  return trustProblem({ ...item, model: item.name }, trust)
}

/** The file whose bytes on disk are no longer those that were signed, if there is one. It is out of the way afterwards. */
export async function damagedFile(
  { files }: DesiredItem,
  blobs: Pick<BlobFolder, 'verify'>,
  signal: AbortSignal,
): Promise<{ file: ModelFile; cause: Cause } | undefined> {
  for (const file of files) {
    const verdict = await blobs.verify(file.digest, signal)
    if (!verdict.ok) return { file, cause: { code: verdict.code, message: `${file.path}: ${verdict.message}` } }
    if (verdict.sizeBytes !== file.sizeBytes) {
      const message = `${file.path} has ${verdict.sizeBytes} bytes, but the version states ${file.sizeBytes}; push the version again`
      return { file, cause: { code: 'version_damaged', message } }
    }
  }
  return undefined
}

/** [contract, Version.digest] SHA-256 of the canonical JSON of the files, in the order of their paths. */
export function versionDigest(files: readonly ModelFile[]): string {
  return digestOf(canonicalJson(files.toSorted((one, other) => (one.path < other.path ? -1 : 1))))
}
