/** The secrets of a device, as the hub sends them and as the device reports that it holds them. */
import * as z from 'zod'
import { Base64, DEVICE_SECRETS_MAX, SECRET_BYTES_MAX, SecretName } from '../secrets/secret.ts'
import { Digest } from '../values/digest.ts'
import { DeviceId } from '../values/ids.ts'
import type { HeldKind } from './held-document.ts'

/**
 * All secrets of a device, sealed to its key [RFC 9180: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode], in order under one
 * encapsulated key. Not strict: a later hub may say more. `sealInfo` and `sealedFor` say what each is bound to.
 */
export const SecretsDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  /** Names what they are: their ids and versions, and the key that they are sealed to. The same again need not be sent. */
  revision: Digest,
  encapsulated: z.base64().max(128),
  secrets: z
    .array(
      z.object({
        name: SecretName,
        version: z.int().min(1),
        sealed: Base64(SECRET_BYTES_MAX + 64),
      }),
    )
    .max(DEVICE_SECRETS_MAX),
})
export type SecretsDocument = z.infer<typeof SecretsDocument>

/** What the series of messages to a device is for. */
export const sealInfo = ({ deviceId, revision }: Pick<SecretsDocument, 'deviceId' | 'revision'>): string =>
  `skerry secrets v1\n${deviceId}\n${revision}`

/** What each of them is. */
export const sealedFor = ({ name, version }: Pick<SecretsDocument['secrets'][number], 'name' | 'version'>): string =>
  `${name}\n${version}`

/** The revision on the device's disk. A condition in its report says why it is not the newest. Not strict: a later device may report more. */
export const HeldSecrets = z.object({ revision: Digest.optional() })
export type HeldSecrets = z.infer<typeof HeldSecrets>

/** The row of this document. */
export const SECRETS = {
  name: 'secrets',
  document: SecretsDocument,
  held: HeldSecrets,
} satisfies HeldKind<SecretsDocument, HeldSecrets>
