/** Webhook sink: values are posted as JSON lines to an address. */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'

/** [RFC 9110, 5.1] */
const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'must be the name of an HTTP header')

export const HttpAddress = z.url({ protocol: /^https?$/ }).max(2_000)

export const WebhookConnection = z.strictObject({
  url: HttpAddress,
  /** Sent with every request; what is secret belongs into `bearer` or `signature`. */
  headers: z
    .record(HeaderName, z.string().max(1_000))
    .refine((headers) => Object.keys(headers).length <= 20, 'at most 20 headers')
    .default({}),
  /** [RFC 6750, 2.1] */
  bearer: SecretReference.optional(),
  /** HMAC-SHA-256 of the body by this secret, in the header `x-skerry-signature`: `sha256=HEX`. */
  signature: SecretReference.optional(),
  timeoutMs: z.int().min(100).max(120_000).default(10_000),
})
export type WebhookConnection = z.infer<typeof WebhookConnection>
