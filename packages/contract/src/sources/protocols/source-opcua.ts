/** OPC UA source: how its connection and its tags are written down. [OPC 10000-4, OPC 10000-6] */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { isNumberType, OPCUA_TYPES } from '../opcua-type.ts'
import { ARGUMENTS_MAX, ELEMENTS_WRITTEN_MAX, TagShape, TagWriting } from '../tag.ts'

/** What servers take in one request where they do not say less. */
export const OPCUA_ITEMS_MAX = 1_000

/** [OPC 10000-7] Basic128Rsa15 and Basic256 are broken, and not spoken. */
export const OpcuaPolicy = z.enum(['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss'])
export type OpcuaPolicy = z.infer<typeof OpcuaPolicy>

/** SHA-256 over the certificate as DER, as servers and `openssl x509 -fingerprint -sha256` show it. */
const Fingerprint = z
  .string()
  .transform((text) =>
    text
      .replace(/^sha256:/i, '')
      .replaceAll(':', '')
      .toLowerCase(),
  )
  .pipe(z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 fingerprint of a certificate: 64 hexadecimal digits'))

const User = z.union([
  z.strictObject({ name: z.string().min(1).max(256), password: SecretReference }),
  /** PEM, both. */
  z.strictObject({ certificate: SecretReference, key: SecretReference }),
])

export const OpcuaConnection = z
  .strictObject({
    endpoint: z
      .string()
      .max(512)
      .regex(/^opc\.tcp:\/\/[A-Za-z0-9_.-]+(:\d{1,5})?(\/\S*)?$/, 'must look like opc.tcp://10.0.0.5:4840'),
    /** `none`: anybody on the way may read and change it; `sign`: read; `encrypt`: neither. */
    security: z.enum(['none', 'sign', 'encrypt']).default('encrypt'),
    policy: OpcuaPolicy.default('Basic256Sha256'),
    /** Certificates that the server may show. */
    trust: z.array(Fingerprint).max(10).default([]),
    /** Takes whatever certificate is shown: whoever is on the way can be the server. */
    insecureTrust: z.boolean().default(false),
    /** Anonymous where absent. */
    user: User.optional(),
    /** `subscribe`: the server tells what changes. `poll`: every tag is asked for in each round. */
    reading: z.enum(['subscribe', 'poll']).default('subscribe'),
    timeoutMs: z.int().min(10).max(60_000).default(5_000),
    /** Less is asked for where the server says that it takes less. */
    itemsMax: z.int().min(1).max(10_000).default(OPCUA_ITEMS_MAX),
  })
  .superRefine(({ user, security }, context) => {
    if (user === undefined || security !== 'none') return
    const message = 'who the user is must not be told over a connection that anybody may read: set security'
    context.addIssue({ code: 'custom', path: ['user'], message })
  })
export type OpcuaConnection = z.infer<typeof OpcuaConnection>

/** `ns=2;s=Line1.Pressure`, `i=2258`; `nsu=URI;` in place of `ns=` where the server numbers its namespaces anew. */
const NodeText = z
  .string()
  .max(4_096)
  .regex(
    /^((ns=\d{1,5}|nsu=[^;]+);)?(i=\d{1,10}|s=[\s\S]+|g=[0-9A-Fa-f-]{36}|b=[A-Za-z0-9+/=]+)$/,
    'must look like ns=2;s=Pressure or ns=2;i=1001',
  )

export const OpcuaArgument = z
  .strictObject({
    /** For who reads it; the server goes by the order. */
    name: z.string().min(1).max(128).optional(),
    type: z.enum(OPCUA_TYPES),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .superRefine(({ type, min, max }, context) => {
    const say = (message: string) => context.addIssue({ code: 'custom', message })
    if ((min !== undefined || max !== undefined) && !isNumberType(type)) say('only a number has min and max')
    if (min !== undefined && max !== undefined && min > max) say('min must not be above max')
  })
export type OpcuaArgument = z.infer<typeof OpcuaArgument>

/** The node of the tag is called, not read; writing the tag calls it. [OPC 10000-4, 5.12] */
const OpcuaMethod = z.strictObject({
  /** What it is a method of. */
  object: NodeText,
  arguments: z.array(OpcuaArgument).max(ARGUMENTS_MAX).default([]),
})

export const OpcuaTag = z
  .strictObject({
    ...TagShape,
    address: NodeText,
    method: OpcuaMethod.optional(),
    /** Elements of an array that is written; one that is only read says itself how many it has. */
    count: z.int().min(2).max(ELEMENTS_WRITTEN_MAX).optional(),
    // Whether it is said matters here: a method cannot be read again.
    write: TagWriting.extend({ verify: z.boolean().optional() }).optional(),
  })
  .refine(({ count, write }) => count === undefined || write !== undefined, {
    path: ['count'],
    error: 'says how many elements are written, so it needs "write"',
  })
  .refine(({ count, mask, shift }) => count === undefined || (mask ?? shift) === undefined, {
    path: ['count'],
    error: 'an array cannot be masked',
  })
  .superRefine((tag, context) => {
    if (!tag.method) return
    const say = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    for (const key of OF_VALUES) if (tag[key] !== undefined) say(key, 'a method has no value that is read')
    if (tag.scale !== 1 || tag.offset !== 0) say('scale', 'arguments of a method are not scaled')
    const { min, max, verify } = tag.write ?? {}
    if (min !== undefined || max !== undefined) say('write', 'of a method each argument has min and max of its own')
    if (verify === true) say('write', 'a method cannot be read again, so there is nothing to verify')
  })
  .transform(({ write, ...tag }) => ({
    ...tag,
    ...(write && { write: { ...write, verify: write.verify ?? tag.method === undefined } }),
  }))
export type OpcuaTag = z.infer<typeof OpcuaTag>

const OF_VALUES = ['count', 'mask', 'shift', 'clamp', 'expect', 'deadband', 'silenceMaxMs'] as const
