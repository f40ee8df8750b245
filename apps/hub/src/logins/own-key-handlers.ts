/** Procedures on one's own keys: the keys made by signing in at a command line. */
import type { KeyId, OrganisationId, UserId } from '@skerry/contract/values/ids'
import type { OpenCall } from '../http/call.ts'
import { openOs } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { keysOfUser, revokeKey, storedKey } from '../keys/key-store.ts'
import { personOf, recordAccount, tellRecorded } from '../people/account-change.ts'
import { keyCallerOf } from './key-caller.ts'

export const ownKeyHandlers = {
  keys: openOs.account.keys.handler(async ({ context }) => {
    const { user_id, organisation_id } = await personOf(context)
    const { store, clock } = context.hub
    const wish = { organisationId: organisation_id, userId: user_id, nowMs: clock.nowMs() }
    return { rows: (await keysOfUser(store.db, wish)).map(storedKey) }
  }),
  revokeKey: openOs.account.revokeKey.handler(async ({ context, input }) => {
    const { hub } = context
    const who = await ownerOf(context, input.key)
    await hub.store.transaction(async (tx) => {
      const key = await tx.selectFrom('keys').select(['user_id', 'name']).where('id', '=', input.key).executeTakeFirst()
      if (key?.user_id !== who.user_id) throw problem('key_unknown')
      const revoked = { organisationId: who.organisation_id, id: input.key, nowMs: hub.clock.nowMs() }
      if (!(await revokeKey(tx, revoked))) throw problem('key_unknown')
      const detail = { key: input.key, name: key.name }
      await recordAccount(context, tx, who, { action: 'account.revokeKey', detail })
    })
    hub.bus.publish('key.changed', input.key)
    tellRecorded(context)
    return {}
  }),
}

type Owner = { user_id: UserId; organisation_id: OrganisationId; name: string }

/** The person of the session, or the owner of the key if the key requests its own end. */
async function ownerOf(context: OpenCall, id: KeyId): Promise<Owner> {
  const { hub } = context
  const caller = await keyCallerOf(context)
  if (!caller) return personOf(context)
  const userId = caller.personId
  if (caller.id !== id || !userId.startsWith('usr_')) throw problem('account_missing')
  const person = await hub.store.db
    .selectFrom('users')
    .select(['id', 'name'])
    .where('id', '=', userId as UserId)
    .executeTakeFirst()
  if (!person) throw problem('account_missing')
  return { user_id: person.id, organisation_id: caller.organisationId, name: person.name }
}
