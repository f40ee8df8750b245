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
    summary: "List one's own passkeys",
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
    summary: 'Begin to add a passkey: gives what the browser asks the authenticator for; needs a sign-in of just now',
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
    summary: 'Add the passkey that the authenticator has made, in the browser that began',
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
    summary: "Call one of one's own passkeys something else",
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
    summary: "Remove one of one's own passkeys; all other sessions that were begun with a passkey end",
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
    summary: 'Begin to sign in with a passkey: gives the challenge that the authenticator signs',
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
    summary: 'Sign in with what the authenticator has signed, in the browser that began; gives a cookie',
    errors: ['passkey_unavailable', 'passkey_refused'],
  })
    .input(z.strictObject({ passkey: PasskeyProof, organisation: Name.optional() }))
    .output(z.strictObject({ expiresAtMs: InstantMs })),
}
