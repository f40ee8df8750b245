/** Read manifest: the parts of a pushed manifest that the hub needs, and the reason why it cannot accept another one. */
import { DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '@skerry/contract/apps/oci'
import { StoredManifest } from '@skerry/contract/registry/registry'
import type { Digest } from '@skerry/contract/values/digest'
import { parseJson } from '../values/parse-json.ts'

export type ManifestFacts = {
  mediaType: string
  /** [Image 1.1, manifest] The type of an artefact, or of its configuration. */
  artifactType: string | undefined
  subject: Digest | undefined
  annotations: Record<string, string> | undefined
  /** The blobs that the manifest names. Their bytes must be in the registry. */
  blobs: readonly { digest: Digest; sizeBytes: number }[]
  /** The manifests that an index names. They must be in the repository. */
  manifests: readonly Digest[]
}

export type ReadManifest = { ok: true; facts: ManifestFacts } | { ok: false; message: string }

const MANIFESTS: readonly string[] = [OCI_MANIFEST, DOCKER_MANIFEST]
const INDEXES: readonly string[] = [OCI_INDEX, DOCKER_INDEX]

/** `contentType` is the header of the push. It must agree with the document. */
export function readManifest(text: string, contentType: string | undefined): ReadManifest {
  const parsed = StoredManifest.safeParse(parseJson(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { ok: false, message: `the manifest is invalid: ${issue?.path.join('.')} ${issue?.message}` }
  }
  const manifest = parsed.data
  const mediaType = manifest.mediaType ?? contentType ?? (manifest.manifests ? OCI_INDEX : OCI_MANIFEST)
  if (contentType !== undefined && contentType !== mediaType) {
    return { ok: false, message: `the header Content-Type is ${contentType}, but the manifest is ${mediaType}` }
  }
  if (INDEXES.includes(mediaType) && manifest.manifests && !manifest.layers) return factsOf(manifest, mediaType)
  if (MANIFESTS.includes(mediaType) && manifest.config && manifest.layers && !manifest.manifests) {
    return factsOf(manifest, mediaType)
  }
  const known = [...MANIFESTS, ...INDEXES].join(', ')
  return { ok: false, message: `the manifest is none of ${known}, or lacks their fields` }
}

function factsOf(manifest: StoredManifest, mediaType: string): ReadManifest {
  const { config, layers = [], manifests = [], subject, annotations, artifactType } = manifest
  const parts = config ? [config, ...layers] : []
  const facts: ManifestFacts = {
    mediaType,
    artifactType: artifactType ?? config?.mediaType,
    subject: subject?.digest,
    annotations,
    blobs: [...new Map(parts.map(({ digest, size }) => [digest, { digest, sizeBytes: size }])).values()],
    manifests: [...new Set(manifests.map(({ digest }) => digest))],
  }
  return { ok: true, facts }
}
