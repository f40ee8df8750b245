/** Kafka sink: each value is a record of JSON with its id as a header, on a topic that is made of where it is from. [kafka.apache.org, protocol] */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { Tls } from '../broker.ts'

/** Of a hundred brokers three are enough to be told of the others. */
const BROKERS_MAX = 20

const BrokerAddress = z
  .string()
  .max(260)
  .regex(/^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}$/, 'must be HOST:PORT')

const PART = String.raw`\{(signal|source|tag|flow)\}`

/** Of which a part in braces is put in; a topic has no `/`, for which there is a `.` then. */
const KafkaTopic = z
  .string()
  .min(1)
  .max(249)
  .regex(
    new RegExp(`^([A-Za-z0-9._-]|${PART})+$`),
    'must be a topic of letters, digits, . _ and -; {signal}, {source}, {tag} and {flow} are put in',
  )

const KafkaKey = z
  .string()
  .min(1)
  .max(500)
  .regex(new RegExp(`^([^{}]|${PART})+$`), 'must be a text; {signal}, {source}, {tag} and {flow} are put in')

export const KafkaConnection = z.strictObject({
  /** Those that are asked for the others. */
  brokers: z.array(BrokerAddress).min(1).max(BROKERS_MAX),
  topic: KafkaTopic,
  /** What has the same key keeps its order: it goes to the same partition. */
  key: KafkaKey.default('{signal}'),
  /** Asks the broker for a topic that is not there, which it makes where its own settings say so. */
  create: z.boolean().default(false),
  /** Every broker knows gzip; zstd takes 2.1 or later. */
  compression: z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']).default('gzip'),
  /** The broker knows what is sent twice within one connection. Brokers before 2.8 ask for the permission IDEMPOTENT_WRITE. */
  idempotent: z.boolean().default(true),
  tls: Tls.optional(),
  sasl: z
    .strictObject({
      /** With `plain` the broker, and without TLS everybody on the way, reads the password. */
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      user: z.string().min(1).max(1_000),
      password: SecretReference,
    })
    .optional(),
  timeoutMs: z.int().min(100).max(120_000).default(10_000),
})
export type KafkaConnection = z.infer<typeof KafkaConnection>
