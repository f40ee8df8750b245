/**
 * Secrets: values that devices need and nobody may read: passwords of machines, tokens, keys. A value goes in and never comes out of the API; a
 * device gets it sealed to the key of its certificate. Of several of one name the most specific counts on a device: its own, its site's, the
 * organisation's.
 */
import * as z from 'zod'
import { SecretId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

/** It is a file's name on the device, and may be written as that of a variable; nothing that begins with a dot or a dash. */
export const SecretName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/,
    'must be 1 to 63 of A-Z, a-z, 0-9, _, . and -, beginning with none of . -',
  )
export type SecretName = z.infer<typeof SecretName>

/** Whose it is: `organisation`, `site:NAME` or `device:NAME`. */
export const SecretScope = z
  .string()
  .regex(
    /^(organisation|(site|device):[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$/,
    'must be organisation, site:NAME or device:NAME',
  )
export type SecretScope = z.infer<typeof SecretScope>

/** Keys, passwords, a chain of certificates; what is larger is a file, and belongs elsewhere. */
export const SECRET_BYTES_MAX = 65_536

/**
 * All of one organisation, one site or one device. A device has at most three times as much, which sealed and in base64 is under 800 kB, so that the
 * message to it stays within that of the link.
 */
export const SECRETS_BYTES_MAX = 196_608

/** Of one organisation, one site or one device. */
export const SECRETS_MAX = 64

/** A device has its own, its site's and its organisation's. */
export const DEVICE_SECRETS_MAX = 3 * SECRETS_MAX

/** So many are remembered of a secret: who set it, and when. Values that were replaced are not kept. */
export const SECRET_VERSIONS_SHOWN = 20

/** [RFC 4648, 4] Base64 of at most so many bytes. */
export const Base64 = (bytesMax: number) => z.base64().max(4 * Math.ceil(bytesMax / 3))

export const SecretValue = Base64(SECRET_BYTES_MAX)
  .min(4)
  .refine((text) => bytesIn(text) <= SECRET_BYTES_MAX, `at most ${SECRET_BYTES_MAX} bytes`)

const bytesIn = (base64: string) => (base64.length / 4) * 3 - (/=*$/.exec(base64)?.[0].length ?? 0)

/** What is known of a secret; never its value, and no hash of it, which would tell a short one. */
export const Secret = z.strictObject({
  id: SecretId,
  name: SecretName,
  scope: SecretScope,
  /** Rises with each value. */
  version: z.int().min(1),
  sizeBytes: z.int().min(1),
  createdAtMs: InstantMs,
  updatedAtMs: InstantMs,
  /** The name of whoever set the newest value. */
  updatedBy: z.string(),
})
export type Secret = z.infer<typeof Secret>

export const SecretVersion = z.strictObject({
  version: z.int().min(1),
  sizeBytes: z.int().min(1),
  setAtMs: InstantMs,
  setBy: z.string(),
})
export type SecretVersion = z.infer<typeof SecretVersion>

/** What a device should have, and whether it has it. */
export const DeviceSecrets = z.strictObject({
  device: Name,
  secrets: z.array(Secret).max(DEVICE_SECRETS_MAX),
  /** current: it has said that it has just these. behind: it has not, yet. none: there are none for it, and it has none. */
  state: z.enum(['current', 'behind', 'none']),
  /** When it last said what it has. */
  saidAtMs: InstantMs.optional(),
})
export type DeviceSecrets = z.infer<typeof DeviceSecrets>
