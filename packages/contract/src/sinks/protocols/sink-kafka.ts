/**
 * Kafka sink: each value is a record of JSON with its id as a header, on a topic made of the value's origin.
 * [kafka.apache.org, protocol]
 */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { Tls } from '../broker.ts'

/** Three of a hundred brokers are enough to find the others. */
const BROKERS_MAX = 20

const BrokerAddress = z
  .string()
  .max(260)
  .regex(/^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}$/, 'must be HOST:PORT')

const PART = String.raw`\{(signal|source|tag|flow)\}`

/** Parts in braces are filled in; a topic has no `/`, so it becomes a `.`. */
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
  /** The brokers that name the others. */
  brokers: z.array(BrokerAddress).min(1).max(BROKERS_MAX),
  topic: KafkaTopic,
  /** Values of the same key keep their order: they go to the same partition. */
  key: KafkaKey.default('{signal}'),
  /** Requests the topic from the broker if it does not exist; the broker creates it if its own settings allow that. */
  create: z.boolean().default(false),
  /** Every broker knows gzip; zstd takes 2.1 or later. */
  compression: z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']).default('gzip'),
  /**
   * The broker detects duplicates within one connection. Brokers before 2.8 require the permission IDEMPOTENT_WRITE.
   */
  idempotent: z.boolean().default(true),
  tls: Tls.optional(),
  sasl: z
    .strictObject({
      /** With `plain` the broker can read the password, and without TLS so can anybody on the network path. */
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      user: z.string().min(1).max(1_000),
      password: SecretReference,
    })
    .optional(),
  timeoutMs: z.int().min(100).max(120_000).default(10_000),
})
export type KafkaConnection = z.infer<typeof KafkaConnection>
