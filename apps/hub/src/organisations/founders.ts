/**
 * Founders: the first organisation with its owner, and, where it is asked for, that of the operators. Each is made once, with a key and the
 * invitation of its first person.
 */

import { OPERATORS } from '@skerry/contract/people/organisation'
import type { Role } from '@skerry/contract/people/permissions'
import type { KeyId, OrganisationId } from '@skerry/contract/values/ids'
import { appendAudit } from '../audit/audit-store.ts'
import type { Hub } from '../hub.ts'
import type { Db, Tx } from '../store/store.ts'
import { firstKey, foundOrganisation, inviteFirst } from './found-organisation.ts'

/** Tells people the key, and the invitation. Called before they count: a key that nobody was told would lock everybody out. */
export type Announce = (keyText: string, hub: Hub, invitation: string) => Promise<void>

/** Whoever sets a hub up does so now; later, the key invites. */
const INVITATION_LIFE_MS = 86_400_000

const HUB = { kind: 'hub', id: '', name: 'hub' } as const

type Founder = { organisation: string; role: Role; key: string; announce: Announce }

/** Makes organisation and owner where there are none; and the operators, where somebody is to be told of them. */
export async function ensureFounders(
  hub: Hub,
  { announceOwner, announceOperator }: { announceOwner: Announce; announceOperator?: Announce | undefined },
): Promise<void> {
  const owner: Founder = { organisation: 'default', role: 'owner', key: 'owner', announce: announceOwner }
  if (!(await isFounded(hub.store.db))) {
    await hub.store.transaction(async (tx) => {
      // Another hub of this database may just have made it.
      if (!(await isFounded(tx))) await found(hub, tx, owner)
    })
  }
  if (announceOperator) await ensureOperators(hub, announceOperator)
}

async function found(hub: Hub, tx: Tx, { organisation: name, role, key, announce }: Founder): Promise<void> {
  const id = hub.ids.organisation()
  const keyId = hub.ids.key()
  await foundOrganisation(tx, hub, { id, name, actor: HUB, detail: { ownerKey: keyId } })
  await enter(hub, tx, { organisationId: id, role, key: { id: keyId, name: key }, announce })
}

type Entry = Pick<Founder, 'role' | 'announce'> & { organisationId: OrganisationId; key: { id: KeyId; name: string } }

async function enter(hub: Hub, tx: Tx, { organisationId, role, key, announce }: Entry): Promise<void> {
  const text = await firstKey(tx, hub, { organisationId, role, ...key })
  const invitation = await inviteFirst(tx, hub, { organisationId, role, lifeMs: INVITATION_LIFE_MS })
  await announce(text, hub, invitation.text)
}

/** Makes the operators' organisation; or lets them in again, where none of their keys counts any more and nobody is left. */
async function ensureOperators(hub: Hub, announce: Announce): Promise<void> {
  const nowMs = hub.clock.nowMs()
  if ((await operatorsIn(hub.store.db, nowMs)).isOpen) return
  await hub.store.transaction(async (tx) => {
    const { isOpen, organisationId } = await operatorsIn(tx, nowMs)
    if (isOpen) return
    if (organisationId === undefined) {
      return found(hub, tx, { organisation: OPERATORS, role: 'operator', key: 'operator', announce })
    }
    // Names count once, also those of revoked keys.
    const key = { id: hub.ids.key(), name: `operator-${nowMs}` }
    await appendAudit(tx, {
      organisationId,
      atMs: nowMs,
      actor: HUB,
      action: 'key.create',
      result: 'ok',
      object: { kind: 'key', id: key.id },
      detail: { name: key.name, role: 'operator' },
    })
    await enter(hub, tx, { organisationId, role: 'operator', key, announce })
  })
}

async function operatorsIn(db: Db, nowMs: number) {
  const row = await db.selectFrom('organisations').select('id').where('name', '=', OPERATORS).executeTakeFirst()
  if (!row) return { isOpen: false, organisationId: undefined }
  const key = await db
    .selectFrom('keys')
    .select('id')
    .where('organisation_id', '=', row.id)
    .where('role', '=', 'operator')
    .where('revoked_at_ms', 'is', null)
    .where((where) => where.or([where('expires_at_ms', 'is', null), where('expires_at_ms', '>', nowMs)]))
    .executeTakeFirst()
  const person = await db
    .selectFrom('memberships')
    .select('user_id')
    .where('organisation_id', '=', row.id)
    .where('role', '=', 'operator')
    .executeTakeFirst()
  return { isOpen: key !== undefined || person !== undefined, organisationId: row.id }
}

const isFounded = async (db: Db): Promise<boolean> =>
  (await db.selectFrom('organisations').select('id').where('name', '!=', OPERATORS).limit(1).executeTakeFirst()) !==
  undefined
