/** Procedures on sessions: how a browser signs in with a key that no page can read afterwards. */
import * as z from 'zod'
import { KeySecret } from '../../people/key.ts'
import { InstantMs } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

/** The header that a page of the hub sends: a page of anybody else cannot, without asking the hub, which never allows it. */
export const SESSION_HEADER = 'x-skerry-session'

export const sessionProcedures = {
  create: procedure({
    method: 'POST',
    path: '/v1/session',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Sign in with a key; returns a cookie that is valid for the pages of the hub only',
    errors: [],
  })
    .input(z.strictObject({ key: KeySecret }))
    .output(z.strictObject({ expiresAtMs: InstantMs })),
  end: procedure({
    method: 'DELETE',
    path: '/v1/session',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Sign out; without a session nothing changes',
    errors: [],
  })
    .input(z.strictObject({}).optional())
    .output(z.strictObject({})),
}
