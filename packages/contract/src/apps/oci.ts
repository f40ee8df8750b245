/**
 * OCI: the documents of a container image that Skerry reads, by the OCI image specification 1.1. Fields that Skerry
 * does not use are kept in the blobs, and dropped here.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'

/** [OCI distribution specification 1.1, pushing manifests] Registries accept at least 4 MiB, and hardly more. */
export const OCI_DOCUMENT_BYTES_MAX = 4 * 1024 ** 2

/** [moby, overlay2] The engine mounts at most 128 layers. */
export const LAYERS_MAX = 128

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json'
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar'
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
export const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json'

const MediaType = z.string().min(1).max(255)

export const OciDescriptor = z.object({
  mediaType: MediaType,
  digest: Digest,
  size: z.int().min(0),
  annotations: z.record(z.string(), z.string()).optional(),
})
export type OciDescriptor = z.infer<typeof OciDescriptor>

const Platform = z.object({ os: z.string().max(64), architecture: z.string().max(64) })

/** The manifest of one image for one platform, in the form of OCI or of Docker. Both have the same fields. */
export const OciManifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.enum([OCI_MANIFEST, DOCKER_MANIFEST]).optional(),
  config: OciDescriptor,
  layers: z.array(OciDescriptor).max(LAYERS_MAX),
})
export type OciManifest = z.infer<typeof OciManifest>

/** A list of manifests: one for each platform of an image, or all images of an archive. */
export const OciIndex = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.enum([OCI_INDEX, DOCKER_INDEX]).optional(),
  manifests: z.array(OciDescriptor.extend({ platform: Platform.optional() })).max(1_000),
})
export type OciIndex = z.infer<typeof OciIndex>

/** The configuration of an image. Its digest is the image id of an engine. */
export const OciConfig = z.object({
  os: z.string().max(64),
  architecture: z.string().max(64),
  /** The uncompressed layers. */
  rootfs: z.object({ diff_ids: z.array(Digest).max(LAYERS_MAX) }),
})
export type OciConfig = z.infer<typeof OciConfig>
