/**
 * Catalogue layers: a catalogue as an OCI artefact. The manifest names the signed index and all blobs, so that a
 * registry keeps them, and each blob has the digest that the index gives it. [OCI image-spec 1.1, "Guidance for artifact
 * authors"]
 */
import * as z from 'zod'
import { OCI_DOCUMENT_BYTES_MAX, OCI_MANIFEST } from '../apps/oci.ts'
import { Digest } from '../values/digest.ts'
import { CATALOGUE_PAYLOAD_TYPE } from './catalogue.ts'

/** The type of the artefact. Its first layer is the index, which has the type of the signed payload. */
export const CATALOGUE_ARTEFACT_TYPE = 'application/vnd.skerry.catalogue.v1'

export const CATALOGUE_BLOB_TYPE = 'application/octet-stream'

/** A registry takes no larger manifest. */
export const CATALOGUE_MANIFEST_BYTES_MAX = OCI_DOCUMENT_BYTES_MAX

const Layer = z.object({ mediaType: z.string(), digest: Digest, size: z.int().min(0) })

export const CatalogueManifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.literal(OCI_MANIFEST),
  layers: z.array(Layer).min(1),
})
export type CatalogueManifest = z.infer<typeof CatalogueManifest>

/** The layer with the signed index. */
export const indexLayerOf = ({ layers }: CatalogueManifest) =>
  layers.find(({ mediaType }) => mediaType === CATALOGUE_PAYLOAD_TYPE)
