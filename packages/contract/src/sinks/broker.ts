/** Broker: how the connection to an MQTT broker is written down, for sources and for sinks. [MQTT 3.1.1 and 5.0, OASIS] */
import * as z from 'zod'
import { SecretReference } from '../secrets/secret-reference.ts'

export const Host = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9_.:-]+$/, 'must be a host name or address')

/** A certificate is no secret, and may stand in the file; a chain of ten is under 32 kB. */
export const Certificates = z.union([
  z
    .string()
    .max(32_768)
    .regex(/^\s*-----BEGIN CERTIFICATE-----/, 'must be certificates in PEM, or { secret: NAME }'),
  SecretReference,
])

/** `{}` is TLS with the authorities that the machine trusts. */
export const Tls = z
  .strictObject({
    /** Whom to trust in place of those. */
    ca: Certificates.optional(),
    /** Who we are, where the other side asks. */
    certificate: Certificates.optional(),
    key: SecretReference.optional(),
    /** The name in the other side's certificate, where it is not that of the host. */
    serverName: Host.optional(),
  })
  .refine(
    ({ certificate, key }) => (certificate === undefined) === (key === undefined),
    'a certificate needs its key, and a key its certificate',
  )
export type Tls = z.infer<typeof Tls>

/** [MQTT 4.7] The wire allows 65,535 bytes; nobody has names of more than a few hundred. */
const TOPIC_CHARACTERS_MAX = 1_024

/** Printable: brokers refuse control characters, and close the connection at U+0000. */
export const Topic = z
  .string()
  .min(1)
  .max(TOPIC_CHARACTERS_MAX)
  .regex(/^[^+#\p{Cc}]+$/u, 'must be a topic, without the wildcards + and #')

/** [MQTT 4.7.1] `+` is a whole level, `#` is the last one. */
export const TopicFilter = z
  .string()
  .min(1)
  .max(TOPIC_CHARACTERS_MAX)
  .regex(
    /^(\+|[^+#/\p{Cc}]*)(\/(\+|[^+#/\p{Cc}]*))*(\/#)?$|^#$/u,
    'must be a topic filter: + is a whole level, # the last',
  )

export const Qos = z.union([z.literal(0), z.literal(1), z.literal(2)])
export type Qos = z.infer<typeof Qos>

export const BrokerShape = {
  host: Host,
  /** 1883, or 8883 with TLS. */
  port: z.int().min(1).max(65_535).optional(),
  version: z.union([z.literal('3.1.1'), z.literal(5)]).default(5),
  tls: Tls.optional(),
  user: z.string().min(1).max(1_000).optional(),
  password: SecretReference.optional(),
  /** Of two that say the same one the broker drops the older. Made up where absent. [MQTT 3.1.3.1] These every broker takes. */
  clientId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, _ and -')
    .optional(),
  /** Nothing was heard for so long: the broker is asked, and given up after half as long again. */
  keepaliveSeconds: z.int().min(1).max(3_600).default(15),
  /** Beyond it a connection, a subscription or a message that was not acknowledged is given up. */
  timeoutMs: z.int().min(100).max(60_000).default(5_000),
}

const Connection = z.strictObject(BrokerShape)
export type BrokerConnection = z.infer<typeof Connection>

/** What is wrong between the fields; undefined where nothing is. */
export function brokerProblem({ user, password }: Pick<BrokerConnection, 'user' | 'password'>): string | undefined {
  return password !== undefined && user === undefined ? 'a password needs its user' : undefined
}
