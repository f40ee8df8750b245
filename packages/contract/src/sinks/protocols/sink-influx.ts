/** InfluxDB sink: line protocol over HTTP, which versions 1, 2 and 3 take, and others, too. */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { HttpAddress } from './sink-webhook.ts'

const Word = z.string().min(1).max(200)

export const InfluxConnection = z.strictObject({
  /** Such as `http://10.0.0.9:8086`. */
  url: HttpAddress,
  /** A database of version 1, or a bucket of an organisation. */
  target: z.union([
    z.strictObject({ database: Word, retentionPolicy: Word.optional() }),
    z.strictObject({ organisation: Word, bucket: Word }),
  ]),
  user: Word.optional(),
  password: SecretReference.optional(),
  token: SecretReference.optional(),
  measurement: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/)
    .default('skerry'),
  timeoutMs: z.int().min(100).max(120_000).default(10_000),
})
export type InfluxConnection = z.infer<typeof InfluxConnection>
