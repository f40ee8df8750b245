/** OPC UA source: how its connection and its tags are written down. [OPC 10000-4, OPC 10000-6] */
import * as z from 'zod'
import { SecretReference } from './secret-reference.ts'
import { TagShape } from './tag.ts'

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

export const OpcuaTag = z.strictObject({
  ...TagShape,
  /** `ns=2;s=Line1.Pressure`, `i=2258`; `nsu=URI;` in place of `ns=` where the server numbers its namespaces anew. */
  address: z
    .string()
    .max(4_096)
    .regex(
      /^((ns=\d{1,5}|nsu=[^;]+);)?(i=\d{1,10}|s=[\s\S]+|g=[0-9A-Fa-f-]{36}|b=[A-Za-z0-9+/=]+)$/,
      'must look like ns=2;s=Pressure or ns=2;i=1001',
    ),
})
export type OpcuaTag = z.infer<typeof OpcuaTag>
