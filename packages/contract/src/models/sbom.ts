/**
 * SBOM: what a version of a model is made of, as a CycloneDX 1.6 document [ECMA-424; https://cyclonedx.org/docs/1.6/json/]: what tools for supply
 * chains read. Only what Skerry says is described here; a test holds what is made against the schema of the standard.
 */
import * as z from 'zod'

const Hash = z.strictObject({ alg: z.literal('SHA-256'), content: z.string().regex(/^[0-9a-f]{64}$/) })
const Property = z.strictObject({ name: z.string(), value: z.string() })

/** A version that it was made from. */
const Ancestor = z.strictObject({
  type: z.literal('machine-learning-model'),
  name: z.string(),
  version: z.string(),
  hashes: z.array(Hash),
})

const Tensor = z.strictObject({ format: z.string() })

const SbomModel = z.strictObject({
  type: z.literal('machine-learning-model'),
  'bom-ref': z.string(),
  name: z.string(),
  version: z.string(),
  hashes: z.array(Hash),
  /** Where the pusher's labels or the file's own metadata say one: as an SPDX id where it looks like one. */
  licenses: z
    .array(z.strictObject({ license: z.strictObject({ name: z.string() }) }))
    .max(1)
    .optional(),
  pedigree: z.strictObject({ ancestors: z.array(Ancestor) }).optional(),
  externalReferences: z
    .array(z.strictObject({ type: z.enum(['vcs', 'other']), url: z.string(), comment: z.string().optional() }))
    .optional(),
  modelCard: z.strictObject({
    modelParameters: z.strictObject({ inputs: z.array(Tensor), outputs: z.array(Tensor) }),
  }),
  properties: z.array(Property),
})

export const ModelSbom = z.strictObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  version: z.literal(1),
  metadata: z.strictObject({
    timestamp: z.iso.datetime(),
    tools: z.strictObject({
      components: z.array(z.strictObject({ type: z.literal('application'), name: z.string(), version: z.string() })),
    }),
    component: SbomModel,
  }),
  components: z.array(
    z.strictObject({
      type: z.enum(['file', 'application']),
      'bom-ref': z.string(),
      name: z.string(),
      version: z.string().optional(),
      hashes: z.array(Hash).optional(),
      properties: z.array(Property).optional(),
    }),
  ),
  dependencies: z.array(z.strictObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
})
export type ModelSbom = z.infer<typeof ModelSbom>
