/** Procedures on one's own passkeys, and signing in with one. Each attempt begins with a challenge, which counts once, in the browser that began. */
import * as z from 'zod'
import {
  NewPasskey,
  Passkey,
  PasskeyCreation,
  PasskeyName,
  PasskeyProof,
  PasskeyRequest,
} from '../../people/passkey.ts'
import { PasskeyId } from '../../values/ids.ts'
import { InstantMs, Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

const nothing = z.strictObject({})

export const passkeyProcedures = {
  passkeys: procedure({
    method: 'GET',
    path: '/v1/account/passkeys',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'List your own passkeys',
    errors: ['account_missing'],
  })
    .input(nothing)
    .output(z.strictObject({ rows: z.array(Passkey) })),
  beginPasskey: procedure({
    method: 'POST',
    path: '/v1/account/passkeys',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Start to add a passkey: returns the options for the authenticator; needs a recent sign-in',
    errors: [
      'account_missing',
      'session_bound',
      'session_stale',
      'second_factor_required',
      'passkey_unavailable',
      'passkeys_full',
    ],
  })
    .input(nothing)
    .output(PasskeyCreation),
  addPasskey: procedure({
    method: 'PUT',
    path: '/v1/account/passkeys',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Add the passkey of the authenticator, in the browser that started',
    errors: [
      'account_missing',
      'session_bound',
      'session_stale',
      'second_factor_required',
      'passkey_unavailable',
      'passkey_refused',
      'passkey_exists',
      'passkeys_full',
    ],
  })
    .input(z.strictObject({ name: PasskeyName, passkey: NewPasskey }))
    .output(Passkey),
  renamePasskey: procedure({
    method: 'PUT',
    path: '/v1/account/passkeys/{passkey}',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Rename one of your own passkeys',
    errors: ['account_missing', 'session_bound', 'passkey_unknown'],
  })
    .input(z.strictObject({ passkey: PasskeyId, name: PasskeyName }))
    .output(nothing),
  removePasskey: procedure({
    method: 'DELETE',
    path: '/v1/account/passkeys/{passkey}',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Remove one of your own passkeys; all other sessions that began with a passkey end',
    errors: ['account_missing', 'session_bound', 'session_stale', 'second_factor_required', 'passkey_unknown'],
  })
    .input(z.strictObject({ passkey: PasskeyId }))
    .output(nothing),
  beginPasskeySignIn: procedure({
    method: 'POST',
    path: '/v1/account/passkey-session',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Start to sign in with a passkey: returns the challenge for the authenticator',
    errors: ['passkey_unavailable'],
  })
    .input(nothing)
    .output(PasskeyRequest),
  signInWithPasskey: procedure({
    method: 'PUT',
    path: '/v1/account/passkey-session',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Sign in with the signature of the authenticator, in the browser that started; returns a cookie',
    errors: ['passkey_unavailable', 'passkey_refused'],
  })
    .input(z.strictObject({ passkey: PasskeyProof, organisation: Name.optional() }))
    .output(z.strictObject({ expiresAtMs: InstantMs })),
}
