/**
 * Secrets: values that devices or the hub need and people may not read: passwords of machines, tokens, keys. A value
 * goes in and never comes out of the API; a device gets it sealed to the key of its certificate. If several have one name, the most
 * specific applies on a device: its own, its site's, the organisation's.
 */
import * as z from 'zod'
import { SecretId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

/**
 * It is a file's name on the device, and may be written as that of a variable; nothing that begins with a dot or a
 * dash.
 */
export const SecretName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/,
    'must be 1 to 63 of A-Z, a-z, 0-9, _, . and -, beginning with none of . -',
  )
export type SecretName = z.infer<typeof SecretName>

/** The devices that a secret is for: `organisation`, `site:NAME` or `device:NAME`. */
export const DeviceScope = z
  .string()
  .regex(
    /^(organisation|(site|device):[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$/,
    'must be organisation, site:NAME or device:NAME',
  )

/** The scope of the secrets that the hub itself uses, such as tokens of webhooks. No device gets one. */
export const HUB_SCOPE = 'hub'

/** The owner: the hub, or some devices. */
export const SecretScope = z.union([z.literal(HUB_SCOPE), DeviceScope])
export type SecretScope = z.infer<typeof SecretScope>

/** Keys, passwords, a chain of certificates; a larger value is a file, and belongs elsewhere. */
export const SECRET_BYTES_MAX = 65_536

/**
 * All of one organisation, one site or one device. A device has at most three times as much. Sealed and in base64 that
 * is under 800 kB, so that the message to it stays within the limit of the link.
 */
export const SECRETS_BYTES_MAX = 196_608

/** The most of one organisation, one site or one device. */
export const SECRETS_MAX = 64

/** A device has its own, its site's and its organisation's. */
export const DEVICE_SECRETS_MAX = 3 * SECRETS_MAX

/** The number of remembered versions of a secret: their authors and times. Replaced values are not kept. */
export const SECRET_VERSIONS_SHOWN = 20

/** [RFC 4648, 4] Base64 of at most `bytesMax` bytes. */
export const Base64 = (bytesMax: number) => z.base64().max(4 * Math.ceil(bytesMax / 3))

export const SecretValue = Base64(SECRET_BYTES_MAX)
  .min(4)
  .refine((text) => bytesIn(text) <= SECRET_BYTES_MAX, `at most ${SECRET_BYTES_MAX} bytes`)

const bytesIn = (base64: string) => (base64.length / 4) * 3 - (/=*$/.exec(base64)?.[0].length ?? 0)

/** The facts about a secret; never its value, and no hash of it, which would reveal a short one. */
export const Secret = z.strictObject({
  id: SecretId,
  name: SecretName,
  scope: SecretScope,
  /** The number rises with each new value. */
  version: z.int().min(1),
  sizeBytes: z.int().min(1),
  createdAtMs: InstantMs,
  updatedAtMs: InstantMs,
  /** The name of the person or key that set the newest value. */
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

/** The secrets that a device should have, and whether it has them. */
export const DeviceSecrets = z.strictObject({
  device: Name,
  secrets: z.array(Secret).max(DEVICE_SECRETS_MAX),
  /** current: it has reported exactly these. behind: it has not yet. none: there are none for it, and it has none. */
  state: z.enum(['current', 'behind', 'none']),
  /** The time of its last report. */
  saidAtMs: InstantMs.optional(),
})
export type DeviceSecrets = z.infer<typeof DeviceSecrets>
