/** Procedures on the life of an organisation: disabling, enabling, removing. */

import type { RemovedTenant, Tenant } from '@skerry/contract/people/organisation'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { endOfTrail } from '../audit/audit-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { Tx } from '../store/store.ts'
import type { OrganisationTable } from '../store/tables/foundation-tables.ts'
import { statusOf, type TenantRow, tenantOf } from './organisation-store.ts'
import { recordInTenant, tenantNamed } from './tenant.ts'

export const tenantLifeHandlers = {
  disable: os.organisation.disable.handler(({ context, input: { organisation, reason } }) =>
    steer(context, { organisation, reason, from: 'active', action: 'organisation.disable' }, async (tx, { id }) => {
      await update(tx, id, { disabled_at_ms: context.hub.clock.nowMs(), disabled_reason: reason })
      for (const table of ['user_sessions', 'sessions'] as const) {
        await tx.deleteFrom(table).where('organisation_id', '=', id).execute()
      }
    }),
  ),
  enable: os.organisation.enable.handler(({ context, input: { organisation, reason } }) =>
    steer(context, { organisation, reason, from: 'disabled', action: 'organisation.enable' }, (tx, { id }) =>
      update(tx, id, { disabled_at_ms: null, disabled_reason: null }),
    ),
  ),
  remove: os.organisation.remove.handler(async ({ context, input: { organisation, reason, confirm } }) => {
    const wish: Wish = { organisation, reason, from: 'disabled', action: 'organisation.remove' }
    let removed: RemovedTenant | undefined
    await steer(context, wish, async (tx, { id, name }, note) => {
      if (confirm !== name) throw problem('removal_unconfirmed')
      await update(tx, id, { removed_at_ms: context.hub.clock.nowMs() })
      // After the record of it, which is the last one that a person caused.
      note(async () => {
        const { sequence, hash } = await endOfTrail(tx, id)
        removed = { name, id, trail: { records: sequence, hash } }
        return { trail: removed.trail }
      })
    })
    if (!removed) throw new Error('an organisation was removed and nothing is known of its trail')
    return removed
  }),
}

type Wish = { organisation: string; reason: string; from: Tenant['status']; action: string }

/** Says what stands in the operators' trail besides, once the organisation's has its record. */
type Note = (say: () => Promise<Record<string, unknown>>) => void

async function steer(
  context: KeyCall,
  { organisation, reason, from, action }: Wish,
  work: (tx: Tx, tenant: TenantRow, note: Note) => Promise<void>,
): Promise<Tenant> {
  const { hub } = context
  const tenant = await context.change(async (tx, note) => {
    const before = await tenantNamed(hub, tx, organisation)
    const status = statusOf(before)
    if (status !== from)
      throw problem('organisation_status_refused', `${before.name} is ${status}; for this it must be ${from}`)
    note.object = { kind: 'organisation', id: before.id }
    const detail = { name: before.name, reason }
    const more: Parameters<Note>[0][] = []
    await work(tx, before, (say) => more.push(say))
    await recordInTenant(tx, context, { tenant: before, action, detail })
    note.detail = { ...detail }
    for (const say of more) Object.assign(note.detail, await say())
    return tenantOf(await tenantNamed(hub, tx, organisation), hub.requestQuota)
  })
  hub.bus.publish('organisation.changed', tenant.id)
  return tenant
}

async function update(tx: Tx, id: OrganisationId, change: Partial<OrganisationTable>): Promise<void> {
  await tx.updateTable('organisations').set(change).where('id', '=', id).execute()
}
