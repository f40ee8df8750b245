/** Procedures on single sign-on: how a person comes back from a provider (OpenID Connect) as somebody whom the hub knows. */
import * as z from 'zod'
import { Provider, ProviderId } from '../../people/user.ts'
import { InstantMs } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

/** What a provider hands back with the browser: a code of some hundred characters, rarely of thousands. */
const ANSWER_CHARACTERS_MAX = 8_192

export const providerProcedures = {
  providers: procedure({
    method: 'GET',
    path: '/v1/account/providers',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'List the providers that people can sign in with',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rows: z.array(Provider) })),
  beginProvider: procedure({
    method: 'POST',
    path: '/v1/account/providers/{provider}',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary:
      'Start to sign in with a provider, or to add it to the signed-in account; returns the address for the browser',
    errors: [
      'provider_unknown',
      'provider_unreachable',
      'account_missing',
      'session_bound',
      'session_stale',
      'second_factor_required',
    ],
  })
    .input(z.strictObject({ provider: ProviderId, purpose: z.enum(['signIn', 'link']).default('signIn') }))
    .output(z.strictObject({ url: z.string() })),
  unlinkProvider: procedure({
    method: 'DELETE',
    path: '/v1/account/providers/{provider}',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Remove a provider from your own account; other sessions that began with it end',
    errors: [
      'provider_unknown',
      'account_missing',
      'session_bound',
      'session_stale',
      'second_factor_required',
      'sign_in_last',
    ],
  })
    .input(z.strictObject({ provider: ProviderId }))
    .output(z.strictObject({})),
  finishProvider: procedure({
    method: 'PUT',
    path: '/v1/account/providers',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Finish the sign-in with the answer of the provider, in the browser that started; returns a cookie',
    errors: [
      'provider_refused',
      'provider_unreachable',
      'person_refused',
      'provider_unlinked',
      'account_missing',
      'session_bound',
      'session_stale',
      'second_factor_required',
      'provider_unknown',
    ],
  })
    .input(z.strictObject({ answer: z.string().max(ANSWER_CHARACTERS_MAX) }))
    .output(z.strictObject({ expiresAtMs: InstantMs.optional(), purpose: z.enum(['signIn', 'link']) })),
}
