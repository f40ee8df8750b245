/**
 * Registry: the names and documents of the OCI distribution specification 1.1, which the hub speaks on a port of its
 * own. Manifests are kept byte for byte. Only the fields that the hub needs are read.
 */
import * as z from 'zod'
import { LAYERS_MAX } from '../apps/oci.ts'
import { Digest } from '../values/digest.ts'
import { InstantMs } from '../values/names.ts'

/** [Distribution 1.1, pulling manifests] Clients limit the name with its host to 255 characters. 128 fit a page key. */
export const Repository = z
  .string()
  .max(128)
  .regex(
    /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/,
    'must be words of a-z and 0-9 with ".", "_" or "-" between them, and "/" between parts',
  )
export type Repository = z.infer<typeof Repository>

export const RepositoryTag = z
  .string()
  .regex(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/, 'must be 1 to 128 of letters, digits, ".", "_" and "-"')
export type RepositoryTag = z.infer<typeof RepositoryTag>

/** A descriptor of any content. The hub reads its digest, and repeats the rest. */
const Descriptor = z.looseObject({ mediaType: z.string().min(1).max(255), digest: Digest, size: z.int().min(0) })

const Annotations = z.record(z.string().max(1_000), z.string().max(10_000))

/** An artefact of models or files may have more parts than an image has layers. */
const PARTS_MAX = LAYERS_MAX * 8

export const StoredManifest = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().min(1).max(255).optional(),
  artifactType: z.string().min(1).max(255).optional(),
  config: Descriptor.optional(),
  layers: z.array(Descriptor).max(PARTS_MAX).optional(),
  manifests: z.array(Descriptor).max(PARTS_MAX).optional(),
  subject: Descriptor.optional(),
  annotations: Annotations.optional(),
})
export type StoredManifest = z.infer<typeof StoredManifest>

/** [Image 1.1, index] The descriptor of one referrer, as the hub answers it. */
export type Referrer = {
  mediaType: string
  digest: Digest
  size: number
  artifactType?: string
  annotations?: Record<string, string>
}

/** [Distribution 1.1, error codes] */
export const RegistryErrorCode = z.enum([
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'DIGEST_INVALID',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
  'NAME_UNKNOWN',
  'SIZE_INVALID',
  'UNAUTHORIZED',
  'DENIED',
  'UNSUPPORTED',
  'TOOMANYREQUESTS',
])
export type RegistryErrorCode = z.infer<typeof RegistryErrorCode>

/** One manifest of a repository, as the API lists it. */
export const RegistryImage = z.strictObject({
  repository: Repository,
  digest: Digest,
  tags: z.array(RepositoryTag),
  mediaType: z.string(),
  /** Of an artefact that is no image, such as a model. */
  artifactType: z.string().optional(),
  /** The manifest that this one describes, such as the image of a signature. */
  subject: Digest.optional(),
  /** The blobs of the manifest together. */
  sizeBytes: z.int().min(0),
  pushedAtMs: InstantMs,
})
export type RegistryImage = z.infer<typeof RegistryImage>
