/** Procedures on the organisations of the hub. */
import type { OwnerInvitation, Quota } from '@skerry/contract/people/organisation'
import { actorOf } from '@skerry/core/people/access'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { joinLink } from '../people/invitations/invitation-handlers.ts'
import type { Db, Tx } from '../store/store.ts'
import { foundOrganisation, inviteFirst } from './found-organisation.ts'
import { countOrganisations, listTenants, type TenantRow, tenantOf } from './organisation-store.ts'
import { boundsOf, ownUse } from './quota.ts'
import { recordInTenant, tenantNamed } from './tenant.ts'
import { tenantLifeHandlers } from './tenant-life.ts'

/** Each is some records and a little memory; more than this nobody oversees on one page, nor one hub serves. */
const ORGANISATIONS_MAX = 1_000

/** A week, over a holiday. */
const INVITATION_LIFE_MS = 7 * 86_400_000

export const organisationHandlers = {
  ...tenantLifeHandlers,
  list: os.organisation.list.handler(async ({ context: { hub }, input: { limit, after } }) => {
    const rows = await listTenants(hub.store.db, { limit: limit + 1, after, nowMs: hub.clock.nowMs() })
    return pageFrom(
      rows.map((row) => tenantOf(row, hub.requestQuota)),
      limit,
      ({ name }) => name,
    )
  }),
  get: os.organisation.get.handler(async ({ context: { hub }, input: { organisation } }) =>
    tenantOf(await tenantNamed(hub, hub.store.db, organisation), hub.requestQuota),
  ),
  create: os.organisation.create.handler(async ({ context, input: { name, ownerEmail, quota = {} } }) => {
    const { hub } = context
    const id = hub.ids.organisation()
    const made = await context.change(async (tx, note) => {
      if (await isTaken(tx, name)) throw problem('organisation_exists')
      if ((await countOrganisations(tx)) > ORGANISATIONS_MAX) throw problem('organisation_limit_reached')
      await foundOrganisation(tx, hub, { id, name, actor: actorOf(context.caller) })
      await setBounds(tx, id, quota)
      note.object = { kind: 'organisation', id }
      note.detail = { name, quota, ...(ownerEmail !== undefined && { ownerEmail }) }
      const invitation = await inviteOwner(tx, hub, id, ownerEmail)
      return { organisation: tenantOf(await tenantNamed(hub, tx, name), hub.requestQuota), invitation }
    })
    return { organisation: made.organisation, invitation: await deliver(hub, name, made.invitation) }
  }),
  setQuota: os.organisation.setQuota.handler(async ({ context, input: { organisation, ...quota } }) => {
    const { hub } = context
    const changed = await context.change(async (tx, note) => {
      const before = await tenantNamed(hub, tx, organisation)
      await setBounds(tx, before.id, quota)
      const after = await tenantNamed(hub, tx, organisation)
      const detail = { name: before.name, from: boundsOf(before), to: boundsOf(after) }
      await recordInTenant(tx, context, { tenant: before, action: 'organisation.setQuota', detail })
      note.object = { kind: 'organisation', id: before.id }
      note.detail = detail
      return tenantOf(after, hub.requestQuota)
    })
    hub.bus.publish('organisation.changed', changed.id)
    return changed
  }),
  use: os.organisation.use.handler(async ({ context: { hub, organisationId, caller } }) => ({
    id: organisationId,
    name: caller.organisation,
    ...(await ownUse(hub, organisationId)),
  })),
  invite: os.organisation.invite.handler(async ({ context, input: { organisation, ownerEmail } }) => {
    const { hub } = context
    const invitation = await context.change(async (tx, note) => {
      const tenant = await tenantNamed(hub, tx, organisation)
      if (tenant.has_owner) throw problem('organisation_claimed')
      note.object = { kind: 'organisation', id: tenant.id }
      const detail = { name: tenant.name, ...(ownerEmail !== undefined && { ownerEmail }) }
      note.detail = detail
      await tx.deleteFrom('invitations').where('organisation_id', '=', tenant.id).execute()
      await recordInTenant(tx, context, { tenant, action: 'organisation.invite', detail })
      return inviteOwner(tx, hub, tenant.id, ownerEmail)
    })
    return deliver(hub, organisation, invitation)
  }),
}

const isTaken = async (db: Db, name: string): Promise<boolean> =>
  (await db.selectFrom('organisations').select('id').where('name', '=', name).executeTakeFirst()) !== undefined

async function inviteOwner(tx: Tx, hub: Hub, organisationId: TenantRow['id'], email: string | undefined) {
  const made = await inviteFirst(tx, hub, { organisationId, role: 'owner', email, lifeMs: INVITATION_LIFE_MS })
  return { ...made, email }
}

type Made = Awaited<ReturnType<typeof inviteOwner>>

/** By e-mail where that is possible: then the operator never holds what opens the organisation. */
async function deliver(
  { config, people }: Hub,
  name: string,
  { text, email, expiresAtMs }: Made,
): Promise<OwnerInvitation> {
  const link = joinLink(config.publicUrl(), text)
  const isSent = email !== undefined && (await people.mail?.send(letterOf(email, name, link)))
  return { isSent: isSent ?? false, expiresAtMs, ...(!isSent && { link }) }
}

const letterOf = (to: string, organisation: string, link: string) => ({
  to,
  subject: 'Your organisation on Skerry',
  text: `The organisation ${organisation} was created for you on Skerry, and you are invited as its first owner.\n\nThis link creates your account:\n${link}\n\nAnybody who has the link can become the owner, so do not share it.\n`,
})

type Bounds = { [name in keyof Quota]: Quota[name] | null }

/** What is absent stays; null takes the bound away. */
async function setBounds(
  tx: Tx,
  id: TenantRow['id'],
  { devices, storageBytes, requestsPerMinute }: Bounds,
): Promise<void> {
  const change = {
    ...(devices !== undefined && { devices_max: devices }),
    ...(storageBytes !== undefined && { storage_bytes_max: storageBytes }),
    ...(requestsPerMinute !== undefined && { requests_per_minute_max: requestsPerMinute }),
  }
  if (Object.keys(change).length === 0) return
  await tx.updateTable('organisations').set(change).where('id', '=', id).execute()
}
