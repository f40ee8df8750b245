/**
 * Model artefact: the two documents by which a registry shows a version of a model. The same version gives the same
 * bytes at any time, so that their digests name it.
 */
import { OCI_MANIFEST } from '@skerry/contract/apps/oci'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { ModelFile } from '@skerry/contract/models/model'
import {
  MODEL_CONFIG,
  MODEL_DOCUMENT,
  MODEL_MANIFEST,
  MODEL_PATH_KEYS,
  MODEL_REPOSITORY_PREFIX,
  MODEL_WEIGHT,
  MODEL_WEIGHT_CONFIG,
} from '@skerry/contract/registry/model-artefact'
import type { Repository } from '@skerry/contract/registry/registry'
import type { Digest } from '@skerry/contract/values/digest'
import { Name } from '@skerry/contract/values/names'
import { canonicalJson } from '../values/canonical-json.ts'

/** The kinds whose files are weights, with the word of ModelPack for their format. */
export const ARTEFACT_FORMATS: Readonly<Partial<Record<VersionKind, string>>> = { model: 'onnx', gguf: 'gguf' }

/** The model of a repository; undefined if the repository is one of people. */
export function modelOfRepository(repository: Repository): Name | undefined {
  if (!repository.startsWith(MODEL_REPOSITORY_PREFIX)) return undefined
  return Name.safeParse(repository.slice(MODEL_REPOSITORY_PREFIX.length)).data
}

export type ArtefactVersion = {
  name: string
  version: number
  format: string
  /** [RFC 3339] */
  createdAt: string
  files: readonly ModelFile[]
}

/** The configuration of the artefact, as text. */
export const modelConfigText = ({ name, version, format, createdAt, files }: ArtefactVersion): string =>
  canonicalJson({
    descriptor: { createdAt, name, version: String(version) },
    config: { format },
    modelfs: { type: 'layers', diffIds: files.map(({ digest }) => digest) },
  })

/** The manifest of the artefact, as text. Its layers are the files of the version as they are. */
export const modelManifestText = (
  { name, version, files }: ArtefactVersion,
  config: { digest: Digest; size: number },
): string =>
  canonicalJson({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: MODEL_MANIFEST,
    config: { mediaType: MODEL_CONFIG, ...config },
    layers: files.map(({ path, digest, sizeBytes }) => ({
      mediaType: layerType(path),
      digest,
      size: sizeBytes,
      annotations: Object.fromEntries(MODEL_PATH_KEYS.map((key) => [key, path])),
    })),
    annotations: { 'org.opencontainers.image.title': name, 'org.opencontainers.image.version': String(version) },
  })

/** ONNX prescribes no name for external data, so each file that is no document is a file of weights. */
function layerType(path: string): string {
  if (/\.(md|txt|pdf|html)$/i.test(path)) return MODEL_DOCUMENT
  return /\.json$/i.test(path) ? MODEL_WEIGHT_CONFIG : MODEL_WEIGHT
}
