/**
 * Passkeys (WebAuthn): what a browser is asked for, what it answers with, and what the hub keeps. Only the fields that count are taken over
 * from the browser's own forms, so that a new one of a browser breaks nothing.
 */
import * as z from 'zod'
import { PasskeyId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'

/** What a person calls it, such as the machine that it is on. */
export const PasskeyName = z.string().trim().min(1).max(63)

export const Passkey = z.strictObject({
  id: PasskeyId,
  name: z.string(),
  /** Whether the authenticator keeps copies elsewhere, as a password manager does. A security key has none. */
  isSynced: z.boolean(),
  createdAtMs: InstantMs,
  lastUsedAtMs: InstantMs.optional(),
})
export type Passkey = z.infer<typeof Passkey>

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')

/** [WebAuthn L3 5.4.3] At most 1,023 bytes. */
const CredentialId = base64url(1_364)

/** What browsers sign is some 200 bytes; extensions make it longer. */
const ClientData = base64url(4_096)

const Transport = z.string().regex(/^[a-z-]{1,20}$/)

const Named = z.strictObject({
  type: z.literal('public-key'),
  id: z.string(),
  transports: z.array(z.string()),
})

/** [WebAuthn L3 5.4] In JSON, as `PublicKeyCredential.parseCreationOptionsFromJSON` takes it. */
export const PasskeyCreation = z.strictObject({
  challenge: z.string(),
  rp: z.strictObject({ id: z.string(), name: z.string() }),
  user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.strictObject({ type: z.literal('public-key'), alg: z.int() })),
  timeout: z.int(),
  attestation: z.literal('none'),
  excludeCredentials: z.array(Named),
  authenticatorSelection: z.strictObject({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
})
export type PasskeyCreation = z.infer<typeof PasskeyCreation>

/** [WebAuthn L3 5.5] As `PublicKeyCredential.parseRequestOptionsFromJSON` takes it. No credential is named: nobody learns who has one. */
export const PasskeyRequest = z.strictObject({
  challenge: z.string(),
  rpId: z.string(),
  timeout: z.int(),
  userVerification: z.literal('required'),
})
export type PasskeyRequest = z.infer<typeof PasskeyRequest>

/** What `navigator.credentials.create` gave. */
export const NewPasskey = z.strictObject({
  id: CredentialId,
  clientDataJSON: ClientData,
  /** Without an attestation, which is not asked for, some 300 bytes; an RSA key makes them 600. */
  attestationObject: base64url(8_192),
  transports: z.array(Transport).max(10).default([]),
})
export type NewPasskey = z.infer<typeof NewPasskey>

/** What `navigator.credentials.get` gave. */
export const PasskeyProof = z.strictObject({
  id: CredentialId,
  clientDataJSON: ClientData,
  authenticatorData: base64url(4_096),
  signature: base64url(2_048),
  /** [WebAuthn L3 5.4.3] Whose passkey the authenticator takes it to be: 64 bytes at most. */
  userHandle: base64url(86),
})
export type PasskeyProof = z.infer<typeof PasskeyProof>
