/**
 * Procedures on one's own account: signing in with a password, and what a person changes of it. They need no permission: each is for the
 * person whose session asks, whatever the role, and stays open to somebody who still has to set up a second factor.
 */
import * as z from 'zod'
import { KEPT_KEYS_MAX, ResetOutlook, ResetResult } from '../../devices/reset.ts'
import {
  Account,
  Email,
  InvitationSecret,
  Password,
  PersonName,
  ResetSecret,
  SecondFactorCode,
  TypedPassword,
  UserSession,
} from '../../people/user.ts'
import { KeyId, SessionId } from '../../values/ids.ts'
import { InstantMs, Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

const nothing = z.strictObject({})

/** What proves a person: the password, and a code where there is a second factor. */
const proof = { password: TypedPassword, code: SecondFactorCode.optional() }

const signedIn = z.strictObject({ expiresAtMs: InstantMs })

export const accountProcedures = {
  signIn: procedure({
    method: 'POST',
    path: '/v1/account/session',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Sign in with e-mail address and password, and a code if there is a second factor; returns a cookie',
    errors: ['sign_in_refused', 'second_factor_missing', 'hub_busy'],
  })
    .input(z.strictObject({ email: Email, ...proof, organisation: Name.optional() }))
    .output(signedIn),
  join: procedure({
    method: 'POST',
    path: '/v1/account',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Accept an invitation: create an account, or add the organisation to an existing one; signs in',
    errors: ['invitation_refused', 'password_weak', 'sign_in_refused', 'second_factor_missing', 'hub_busy'],
  })
    .input(
      z.strictObject({
        invitation: InvitationSecret,
        email: Email,
        name: PersonName,
        password: Password,
        code: SecondFactorCode.optional(),
      }),
    )
    .output(signedIn),
  forgot: procedure({
    method: 'POST',
    path: '/v1/account/password-reset',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Request an e-mail with a link for a new password; every address gets the same answer',
    errors: ['mail_missing'],
  })
    .input(z.strictObject({ email: Email }))
    .output(nothing),
  reset: procedure({
    method: 'PUT',
    path: '/v1/account/password-reset',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary:
      'Choose a new password with the secret of the e-mail. All sessions end, and all keys that act as the person except those to keep. The first reset of an account removes all other ways to open it',
    errors: ['reset_refused', 'password_weak', 'hub_busy'],
  })
    .input(
      z.strictObject({
        reset: ResetSecret,
        password: Password,
        keepKeys: z.array(KeyId).max(KEPT_KEYS_MAX).default([]),
      }),
    )
    .output(ResetResult),
  showReset: procedure({
    method: 'POST',
    path: '/v1/account/password-reset/outlook',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary:
      'List the other ways to open the account of a reset, before the new password is chosen; the secret stays valid',
    errors: ['reset_refused'],
  })
    .input(z.strictObject({ reset: ResetSecret }))
    .output(ResetOutlook),
  show: procedure({
    method: 'GET',
    path: '/v1/account',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Show your own account',
    errors: ['account_missing'],
  })
    .input(nothing)
    .output(Account),
  stay: procedure({
    method: 'PUT',
    path: '/v1/account/presence',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Report activity, so that the session is not locked',
    errors: ['account_missing'],
  })
    .input(nothing)
    .output(nothing),
  setPassword: procedure({
    method: 'PUT',
    path: '/v1/account/password',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Change your own password; all other sessions end',
    errors: ['account_missing', 'sign_in_refused', 'second_factor_missing', 'password_weak', 'hub_busy'],
  })
    .input(z.strictObject({ ...proof, newPassword: Password }))
    .output(nothing),
  sessions: procedure({
    method: 'GET',
    path: '/v1/account/sessions',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'List your own sessions',
    errors: ['account_missing'],
  })
    .input(nothing)
    .output(z.strictObject({ rows: z.array(UserSession) })),
  endSession: procedure({
    method: 'DELETE',
    path: '/v1/account/sessions/{session}',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'End one of your own sessions, from the next request',
    errors: ['account_missing', 'session_unknown'],
  })
    .input(z.strictObject({ session: SessionId }))
    .output(nothing),
  beginSecondFactor: procedure({
    method: 'POST',
    path: '/v1/account/second-factor',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Start to set up an authenticator: returns the secret to scan, which is valid once a code has proved it',
    errors: ['account_missing', 'sign_in_refused', 'second_factor_exists', 'hub_busy'],
  })
    .input(z.strictObject({ password: TypedPassword }))
    .output(z.strictObject({ uri: z.string(), secret: z.string() })),
  confirmSecondFactor: procedure({
    method: 'PUT',
    path: '/v1/account/second-factor',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Prove the authenticator with a code; returns recovery codes, shown only once',
    errors: ['account_missing', 'sign_in_refused', 'second_factor_exists'],
  })
    .input(
      z.strictObject({
        code: z
          .string()
          .trim()
          .regex(/^\d{6}$/, 'must be six digits'),
      }),
    )
    .output(z.strictObject({ recoveryCodes: z.array(z.string()) })),
  proveSecondFactor: procedure({
    method: 'POST',
    path: '/v1/account/second-factor/proof',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary:
      'Prove the second factor in a session that began without it, such as with a provider that did not verify one',
    errors: ['account_missing', 'sign_in_refused'],
  })
    .input(z.strictObject({ code: SecondFactorCode }))
    .output(nothing),
  removeSecondFactor: procedure({
    method: 'DELETE',
    path: '/v1/account/second-factor',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Remove your second factor; needs password and code again',
    errors: ['account_missing', 'sign_in_refused', 'second_factor_missing', 'hub_busy'],
  })
    .input(z.strictObject(proof))
    .output(nothing),
}
