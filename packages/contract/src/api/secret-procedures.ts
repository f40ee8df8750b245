/** Procedures on secrets. None gives a value. */
import * as z from 'zod'
import {
  DeviceSecrets,
  SECRET_VERSIONS_SHOWN,
  Secret,
  SecretName,
  SecretScope,
  SecretValue,
  SecretVersion,
} from '../secrets/secret.ts'
import { SecretId } from '../values/ids.ts'
import { Page, pageOf } from '../values/names.ts'
import { DeviceReference } from './fleet/device-procedures.ts'
import { procedure } from './procedure.ts'

export const secretProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/secrets',
    access: 'secret.read',
    scope: 'none',
    approval: 'none',
    summary: 'List secrets, without their values',
    errors: [],
  })
    .input(z.strictObject({ ...Page, scope: SecretScope.optional(), name: SecretName.optional() }))
    .output(pageOf(Secret)),
  get: procedure({
    method: 'GET',
    path: '/v1/secrets/{secret}',
    access: 'secret.read',
    scope: 'none',
    approval: 'none',
    entity: 'secret',
    summary: 'Show the author and time of a secret; its value is never returned',
    errors: ['secret_unknown'],
  })
    .input(z.strictObject({ secret: SecretId }))
    .output(z.strictObject({ secret: Secret, versions: z.array(SecretVersion).max(SECRET_VERSIONS_SHOWN) })),
  set: procedure({
    method: 'POST',
    path: '/v1/secrets',
    access: 'secret.write',
    scope: 'none',
    approval: 'none',
    summary: 'Set the value of a secret, and create it if it does not exist; nobody can read it back',
    errors: ['site_unknown', 'device_unknown', 'secrets_full'],
  })
    .input(z.strictObject({ name: SecretName, scope: SecretScope.default('organisation'), value: SecretValue }))
    .output(Secret),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/secrets/{secret}',
    access: 'secret.write',
    scope: 'none',
    approval: 'none',
    entity: 'secret',
    summary: 'Remove a secret, from the hub and from the devices that have it',
    errors: ['secret_unknown'],
  })
    .input(z.strictObject({ secret: SecretId }))
    .output(z.strictObject({})),
  ofDevice: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/secrets',
    access: 'secret.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the secrets that apply to a device, and whether the device has them',
    errors: ['device_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference }))
    .output(DeviceSecrets),
  rekey: procedure({
    method: 'POST',
    path: '/v1/secrets/rekey',
    access: 'secret.write',
    scope: 'none',
    approval: 'none',
    summary: 'Encrypt all secrets again, under a new data key and the newest encryption key of the hub',
    errors: ['encryption_key_unavailable'],
  })
    .input(z.strictObject({}))
    .output(
      z.strictObject({
        secrets: z.int().min(0),
        /** Names the encryption key that counts from now on. */
        encryptionKey: z.string(),
      }),
    ),
}
