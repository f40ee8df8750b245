/** NATS sink: each value is a message. With JetStream it is on the server's disk before it counts as delivered. */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'

export const NatsConnection = z.strictObject({
  host: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9_.:-]+$/, 'must be a host name or address'),
  port: z.int().min(1).max(65_535).default(4_222),
  /** [docs.nats.io, subjects] Without wildcards. */
  subject: z.string().regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'must be a subject without wildcards'),
  /** Off where no stream takes the subject: then a message is lost that nobody listens for. */
  jetStream: z.boolean().default(true),
  user: z.string().min(1).max(200).optional(),
  password: SecretReference.optional(),
  token: SecretReference.optional(),
  tls: z.enum(['off', 'verify']).default('verify'),
  /** Certificates in PEM. */
  authority: z.string().max(100_000).optional(),
  timeoutMs: z.int().min(100).max(120_000).default(10_000),
})
export type NatsConnection = z.infer<typeof NatsConnection>
