/** Procedures on signing in at a command line (after RFC 8628): a program asks, and a person who has signed in in the console agrees. */
import * as z from 'zod'
import { Key } from '../../people/key.ts'
import { PersonName } from '../../people/user.ts'
import { KeyId } from '../../values/ids.ts'
import { InstantMs, Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

/** [RFC 8628 6.1] Eight consonants: no words, and 34 bits, of which a guesser gets ten tries. */
export const LoginCode = z
  .string()
  .regex(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/, 'must be what the terminal shows, such as BCDF-GHJK')

/** 32 secret bytes. */
const LoginSecret = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be what beginning gave')

/** A month; a quarter at most: whoever leaves the company without being removed here is out after that. */
const KEY_SECONDS = 30 * 86_400
const KEY_SECONDS_MAX = 90 * 86_400

const nothing = z.strictObject({})

export const loginProcedures = {
  beginLogin: procedure({
    method: 'POST',
    path: '/v1/account/logins',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Request a key for the person at this command line; returns a code, and the address to agree to it',
    errors: [],
  })
    .input(
      z.strictObject({
        /** What the machine is called, for the person who is asked. */
        device: PersonName,
        expiresInSeconds: z.int().min(600).max(KEY_SECONDS_MAX).default(KEY_SECONDS),
        /** Which of the person's organisations the key is wanted for; the link names it, and the person has the last word. */
        organisation: Name.optional(),
      }),
    )
    .output(
      z.strictObject({
        code: LoginCode,
        secret: LoginSecret,
        url: z.string(),
        expiresAtMs: InstantMs,
        pollMs: z.int(),
      }),
    ),
  collectLogin: procedure({
    method: 'POST',
    path: '/v1/account/logins/key',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Fetch the key, once, after the person has agreed',
    errors: ['login_pending', 'login_refused'],
  })
    .input(z.strictObject({ secret: LoginSecret }))
    .output(z.strictObject({ secret: z.string(), key: Key })),
  showLogin: procedure({
    method: 'GET',
    path: '/v1/account/logins/{code}',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Show the requesting machine to a person who is signed in',
    errors: ['account_missing', 'login_unknown'],
  })
    .input(z.strictObject({ code: LoginCode }))
    .output(
      z.strictObject({ device: z.string(), source: z.string(), createdAtMs: InstantMs, keyExpiresInSeconds: z.int() }),
    ),
  confirmLogin: procedure({
    method: 'PUT',
    path: '/v1/account/logins/{code}',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Agree: the machine gets a key with the permissions of the person',
    errors: [
      ...(['account_missing', 'login_unknown', 'session_stale', 'second_factor_required'] as const),
      ...(['membership_missing', 'organisation_disabled', 'session_bound'] as const),
    ],
  })
    .input(z.strictObject({ code: LoginCode, organisation: Name.optional() }))
    .output(nothing),
  refuseLogin: procedure({
    method: 'DELETE',
    path: '/v1/account/logins/{code}',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Reject: the machine gets nothing',
    errors: ['account_missing', 'login_unknown'],
  })
    .input(z.strictObject({ code: LoginCode }))
    .output(nothing),
  keys: procedure({
    method: 'GET',
    path: '/v1/account/keys',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'List your own keys, newest first',
    errors: ['account_missing'],
  })
    .input(nothing)
    .output(z.strictObject({ rows: z.array(Key) })),
  revokeKey: procedure({
    method: 'DELETE',
    path: '/v1/account/keys/{key}',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Revoke one of your own keys; a personal key may revoke itself',
    errors: ['account_missing', 'key_unknown'],
  })
    .input(z.strictObject({ key: KeyId }))
    .output(nothing),
}
