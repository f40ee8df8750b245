/**
 * OSV, OpenVEX and CycloneDX: the parts that the hub reads of documents that others wrote. Their other fields are dropped.
 *
 * [https://ossf.github.io/osv-schema, 1.6; https://github.com/openvex/spec, 0.2.0; ECMA-424]
 */
import * as z from 'zod'

/** Such as CVE-2024-3094, GHSA-xxxx-xxxx-xxxx or DSA-5649-1. */
export const VulnerabilityId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/, 'must be an id such as CVE-2024-3094')
export type VulnerabilityId = z.infer<typeof VulnerabilityId>

const VersionText = z.string().min(1).max(200)

const OsvEvent = z.object({
  introduced: VersionText.optional(),
  fixed: VersionText.optional(),
  last_affected: VersionText.optional(),
})
export type OsvEvent = z.infer<typeof OsvEvent>

/** Advisories of a kernel name some hundred ranges and some thousand versions. */
const OsvAffected = z.object({
  package: z.object({ ecosystem: z.string().min(1).max(100), name: z.string().min(1).max(300) }).optional(),
  ranges: z
    .array(z.object({ type: z.string().max(20), events: z.array(OsvEvent).max(500) }))
    .max(500)
    .default([]),
  versions: z.array(VersionText).max(5_000).default([]),
})
export type OsvAffected = z.infer<typeof OsvAffected>

export const OsvAdvisory = z.object({
  id: VulnerabilityId,
  modified: z.iso.datetime({ offset: true }),
  withdrawn: z.iso.datetime({ offset: true }).optional(),
  aliases: z.array(VulnerabilityId).max(50).default([]),
  summary: z.string().max(2_000).optional(),
  details: z.string().max(200_000).optional(),
  severity: z
    .array(z.object({ type: z.string().max(20), score: z.string().max(200) }))
    .max(10)
    .default([]),
  database_specific: z.object({ severity: z.string().max(40).optional() }).optional(),
  affected: z.array(OsvAffected).max(2_000).default([]),
})
export type OsvAdvisory = z.infer<typeof OsvAdvisory>

export const VexStatus = z.enum(['not_affected', 'affected', 'fixed', 'under_investigation'])
export type VexStatus = z.infer<typeof VexStatus>

const VexProduct = z.object({
  '@id': z.string().min(1).max(500),
  subcomponents: z
    .array(z.object({ '@id': z.string().min(1).max(500) }))
    .max(500)
    .default([]),
})

export const OpenVex = z.object({
  '@context': z.string().startsWith('https://openvex.dev/ns'),
  author: z.string().min(1).max(200),
  timestamp: z.iso.datetime({ offset: true }),
  statements: z
    .array(
      z.object({
        vulnerability: z.object({ name: VulnerabilityId, aliases: z.array(VulnerabilityId).max(50).default([]) }),
        products: z.array(VexProduct).min(1).max(500),
        status: VexStatus,
        justification: z.string().max(100).optional(),
        impact_statement: z.string().max(2_000).optional(),
        action_statement: z.string().max(2_000).optional(),
      }),
    )
    .min(1)
    .max(1_000),
})
export type OpenVex = z.infer<typeof OpenVex>

/** Exported because the declarations of the procedures name it. */
export type CycloneDxPart = { purl?: string | undefined; components?: CycloneDxPart[] | undefined }

/** Parts stand within parts. */
const CycloneDxPart: z.ZodType<CycloneDxPart> = z.object({
  purl: z.string().max(500).optional(),
  get components() {
    return z.array(CycloneDxPart).max(20_000).optional()
  },
})

/** A system image has some thousand packages. */
export const CycloneDx = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string().max(10),
  components: z.array(CycloneDxPart).max(20_000).default([]),
})
export type CycloneDx = z.infer<typeof CycloneDx>
