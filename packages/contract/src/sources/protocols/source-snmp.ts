/** SNMP source: switches, power supplies, air conditioning. [RFC 3416, RFC 3414] */
import * as z from 'zod'
import { PauseBetweenRequests } from '../../deployments/pauses.ts'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { Host } from '../../values/host.ts'
import { TagShape } from '../tag.ts'

const Community = z.strictObject({
  version: z.literal('v2c'),
  /** It is a password, and crosses the network as it is; only the one that everybody knows may stand here. */
  community: z.union([z.literal('public'), SecretReference]).default('public'),
})

const User = z.strictObject({
  version: z.literal('v3'),
  name: z.string().min(1).max(32),
  /** Without it nothing says who is asking; without privacy everybody may listen. */
  auth: z
    .strictObject({ protocol: z.enum(['sha', 'sha256', 'sha512']).default('sha'), password: SecretReference })
    .optional(),
  /** `aes256b` and `aes256r` differ in how makers derive the longer key. */
  privacy: z
    .strictObject({ protocol: z.enum(['aes', 'aes256b', 'aes256r']).default('aes'), password: SecretReference })
    .optional(),
})

export const SnmpAccess = z
  .discriminatedUnion('version', [Community, User])
  .refine(
    (access) => access.version === 'v2c' || access.privacy === undefined || access.auth !== undefined,
    'privacy needs auth',
  )
export type SnmpAccess = z.infer<typeof SnmpAccess>

export const SnmpConnection = z.strictObject({
  host: Host,
  port: z.int().min(1).max(65_535).default(161),
  access: SnmpAccess.prefault({ version: 'v2c' }),
  timeoutMs: z.int().min(50).max(60_000).default(1_000),
  /** UDP may lose a request, or its answer. */
  retries: z.int().min(0).max(5).default(1),
  /** Small agents answer only a few at once. */
  oidsMax: z.int().min(1).max(100).default(20),
  ...PauseBetweenRequests,
})
export type SnmpConnection = z.infer<typeof SnmpConnection>

export const SnmpTag = z
  .strictObject({
    ...TagShape,
    /** The instance, too: `1.3.6.1.2.1.1.3.0`. */
    address: z
      .string()
      .max(500)
      .regex(/^[0-2](\.\d{1,10})+$/, 'must be an object identifier in numbers, such as 1.3.6.1.2.1.1.3.0'),
    /** What octets are: text, a number that is written as text, or bytes as hexadecimal digits. Numbers are numbers. */
    octets: z.enum(['text', 'number', 'hex']).default('text'),
    /** As what it is written. */
    writeAs: z.enum(['integer', 'gauge', 'string']).optional(),
  })
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'there are no bits to mask')
  .refine(
    ({ write, writeAs }) => (write === undefined) === (writeAs === undefined),
    'a tag with write needs writeAs, and only such a tag has it',
  )
export type SnmpTag = z.infer<typeof SnmpTag>
