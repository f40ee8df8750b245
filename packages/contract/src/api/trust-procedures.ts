/** Procedures on signing keys, and on the rules of whose signatures models need. */
import * as z from 'zod'
import { VersionReference } from '../models/model.ts'
import {
  ExtraSignatures,
  PublicKeyPem,
  Reason,
  SIGNING_KEYS_MAX,
  SigningKey,
  SigningKeyId,
  TrustPolicy,
  TrustRules,
  VersionTrust,
} from '../models/trust.ts'
import { Name } from '../values/names.ts'
import { procedure } from './procedure.ts'

const unknown = ['model_unknown', 'version_unknown', 'alias_unknown'] as const
const reference = z.strictObject({ model: Name, version: VersionReference })

export const signingKeyProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/signing-keys',
    access: 'trust.read',
    scope: 'none',
    approval: 'none',
    summary: "List the keys whose signatures on models are trusted: the hub's own, and those of publishers",
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ keys: z.array(SigningKey).max(SIGNING_KEYS_MAX + 1) })),
  add: procedure({
    method: 'POST',
    path: '/v1/signing-keys',
    access: 'trust.write',
    scope: 'none',
    approval: 'none',
    summary: 'Trust the public key of a publisher',
    errors: ['signing_key_exists', 'signing_key_invalid', 'signing_keys_full'],
  })
    .input(z.strictObject({ name: Name, publicKeyPem: PublicKeyPem }))
    .output(SigningKey),
  rotate: procedure({
    method: 'POST',
    path: '/v1/signing-keys/rotate',
    access: 'trust.write',
    scope: 'none',
    approval: 'none',
    summary: 'Let the hub sign models with a new key from now on; earlier signatures stay valid',
    errors: ['encryption_key_unavailable', 'signing_keys_full'],
  })
    .input(z.strictObject({}))
    .output(SigningKey),
  retire: procedure({
    method: 'POST',
    path: '/v1/signing-keys/{signingKey}/retire',
    access: 'trust.write',
    scope: 'none',
    approval: 'none',
    summary: 'Accept no new signatures of a publisher; its earlier signatures stay valid',
    errors: ['signing_key_unknown', 'signing_key_state_refused'],
  })
    .input(z.strictObject({ signingKey: SigningKeyId, reason: Reason.optional() }))
    .output(SigningKey),
  revoke: procedure({
    method: 'POST',
    path: '/v1/signing-keys/{signingKey}/revoke',
    access: 'trust.write',
    scope: 'none',
    approval: 'none',
    summary: 'Revoke a signing key for good: the hub and all devices reject everything that it has signed',
    errors: ['signing_key_unknown', 'signing_key_state_refused'],
  })
    .input(z.strictObject({ signingKey: SigningKeyId, reason: Reason }))
    .output(SigningKey),
}

export const trustProcedures = {
  get: procedure({
    method: 'GET',
    path: '/v1/trust',
    access: 'trust.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show the rules of trust: the signatures that models need',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(TrustPolicy),
  set: procedure({
    method: 'PUT',
    path: '/v1/trust',
    access: 'trust.write',
    scope: 'none',
    approval: 'none',
    summary: 'Set the rules of trust: the signatures that models need; replaces all rules',
    errors: ['signing_key_unknown', 'revision_stale'],
  })
    .input(
      z.strictObject({
        rules: TrustRules,
        /** Refused where the rules have another revision by now. */
        ifRevision: z.int().min(0).optional(),
      }),
    )
    .output(TrustPolicy),
  ofVersion: procedure({
    method: 'GET',
    path: '/v1/models/{model}/versions/{version}/trust',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show the signatures of a version, and whether devices would accept it',
    errors: unknown,
  })
    .input(reference)
    .output(VersionTrust),
  sign: procedure({
    method: 'POST',
    path: '/v1/models/{model}/versions/{version}/signatures',
    access: 'trust.write',
    scope: 'none',
    approval: 'none',
    summary: 'Sign a version again with the current key of the hub, and add signatures of publishers',
    errors: [...unknown, 'signature_refused', 'encryption_key_unavailable'],
  })
    .input(z.strictObject({ ...reference.shape, signatures: ExtraSignatures.default([]) }))
    .output(VersionTrust),
}
