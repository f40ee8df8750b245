/** Handlers of the procedures on API keys. */
import { UserId } from '@skerry/contract/values/ids'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { requireMayGive, requireMayTake } from '../roles/role-handlers.ts'
import { hashSecret, keyTextOf } from './key-secret.ts'
import { insertKey, listKeys, revokeKey, storedKey } from './key-store.ts'

export const keyHandlers = {
  create: os.key.create.handler(({ context, input: { name, role, expiresInSeconds } }) =>
    context.change(async (tx, note) => {
      const { hub, organisationId } = context
      await requireMayGive(tx, context, role)
      const id = hub.ids.key()
      const secret = hub.ids.secret()
      const nowMs = hub.clock.nowMs()
      const row = {
        id,
        person_id: UserId.safeParse(context.caller.personId).data ?? null,
        organisation_id: organisationId,
        name,
        role,
        secret_hash: hashSecret(secret),
        created_at_ms: nowMs,
        expires_at_ms: expiresInSeconds === undefined ? null : nowMs + expiresInSeconds * 1_000,
        last_used_at_ms: null,
        revoked_at_ms: null,
        user_id: null,
        is_multi_factor: 0 as const,
      }
      if (!(await insertKey(tx, row))) throw problem('key_exists')
      note.object.id = id
      note.detail = { name, role, expiresAtMs: row.expires_at_ms }
      return { secret: keyTextOf({ id, secret }), key: storedKey(row) }
    }),
  ),
  list: os.key.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const rows = await listKeys(hub.store.db, { organisationId, limit: limit + 1, after })
    return pageFrom(rows.map(storedKey), limit, (key) => key.name)
  }),
  revoke: os.key.revoke.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const key = await context.change(async (tx, note) => {
      const row = await revokeKey(tx, { organisationId, id: input.key, nowMs: hub.clock.nowMs() })
      if (!row) throw problem('key_unknown')
      await requireMayTake(tx, context, row.role)
      note.detail = { name: row.name }
      return storedKey(row)
    })
    hub.bus.publish('key.changed', key.id)
    return key
  }),
}
