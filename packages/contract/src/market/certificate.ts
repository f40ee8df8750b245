/**
 * Certificate: the evidence of a listing, as in-toto statements. Each statement is the result of one check, and has the
 * command that repeats it. It is not an opinion: everybody can run the checks and compare.
 */
import * as z from 'zod'
import { IN_TOTO_STATEMENT_TYPE } from '../models/signature.ts'
import { Name } from '../values/names.ts'

/** [in-toto attestation, predicates/test-result.md] */
export const TEST_RESULT_TYPE = 'https://in-toto.io/attestation/test-result/v0.1'

/** Level 1, form and supply chain. */
export const FormCheck = z.enum([
  'form',
  'names',
  'digests',
  'sizes',
  'licence',
  'secrets',
  'content',
  'permissions',
  'sbom',
  'vulnerabilities',
  'evidence',
])
export type FormCheck = z.infer<typeof FormCheck>

/** Level 2, the behaviour of the listing in a sandbox. */
export const BehaviourCheck = z.enum([
  'results',
  'tags',
  'golden',
  'memory',
  'processor',
  'restart',
  'offline',
  'containers',
  'neighbours',
])
export type BehaviourCheck = z.infer<typeof BehaviourCheck>

/** Level 3, an installation on devices of the tenant. */
export const DeviceCheck = z.enum(['devices', 'outputs', 'steady'])
export type DeviceCheck = z.infer<typeof DeviceCheck>

export const CheckName = z.enum([...FormCheck.options, ...BehaviourCheck.options, ...DeviceCheck.options])
export type CheckName = z.infer<typeof CheckName>

const Facts = z.record(z.string().max(60), z.union([z.string().max(500), z.number()]))

const Hex256 = z.string().regex(/^[0-9a-f]{64}$/)

/** [in-toto Statement v1] Consumers ignore unknown fields. */
export const CheckStatement = z.object({
  _type: z.literal(IN_TOTO_STATEMENT_TYPE),
  /** The listing: the name of its document, and the digest. */
  subject: z.array(z.object({ name: z.string().max(200), digest: z.object({ sha256: Hex256 }) })).length(1),
  predicateType: z.literal(TEST_RESULT_TYPE),
  predicate: z.object({
    result: z.enum(['PASSED', 'WARNED', 'FAILED']),
    /** The check and its command. [test-result] Resource descriptors of the things that the test depends on. */
    configuration: z
      .array(
        z.object({
          name: CheckName,
          annotations: z.object({
            level: z.int().min(1).max(3),
            command: z.string().max(300),
            /** Facts that must be the same in a repetition, such as the number of files. */
            facts: Facts,
            /** Facts of one run on one machine, such as memory. A repetition measures its own, by the same limits. */
            measured: Facts.optional(),
            findings: z.array(z.string().max(500)).max(50),
          }),
        }),
      )
      .length(1),
  }),
})
export type CheckStatement = z.infer<typeof CheckStatement>

export const Certificate = z.object({
  v: z.literal(1),
  listing: Name,
  level: z.int().min(1).max(3),
  statements: z.array(CheckStatement).min(1).max(50),
})
export type Certificate = z.infer<typeof Certificate>
