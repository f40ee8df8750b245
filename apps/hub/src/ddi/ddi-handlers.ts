/** Handlers of the procedures on devices that speak DDI. */
import type { DdiDevice } from '@skerry/contract/ddi/ddi-device'
import { NEW_DDI_RECORD } from '@skerry/core/ddi/ddi-record'
import { knownDevice } from '../devices/device-handlers.ts'
import { insertDevice, isNameTaken } from '../devices/device-store.ts'
import { appendEvents } from '../devices/event-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem, unknownName } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { hashSecret } from '../keys/key-secret.ts'
import { requireDeviceRoom } from '../organisations/quota.ts'
import { findSite } from '../sites/site-store.ts'
import { toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import { insertToken } from '../tokens/token-store.ts'
import { type DdiRow, findDdi, insertDdi, isControllerTaken, recordOf, setDdiToken, tenantOf } from './ddi-store.ts'

export const ddiHandlers = {
  add: os.ddi.add.handler(async ({ context, input }) => {
    const { hub, organisationId, change, caller } = context
    const token = hub.ids.secret()
    const device = await change(async (tx, note) => {
      const site = await findSite(tx, organisationId, input.site)
      if (!site) throw unknownName('site_unknown', input.site)
      const { name, labels, mustConfirm, controllerId = name } = input
      const isTaken = await isControllerTaken(tx, organisationId, controllerId)
      if (isTaken || (await isNameTaken(tx, organisationId, name))) throw problem('ddi_taken')
      await requireDeviceRoom(tx, organisationId)
      const id = await insertRows(tx, context, { name, siteId: site.id, labels })
      await insertDdi(tx, {
        device_id: id,
        organisation_id: organisationId,
        controller_id: controllerId,
        token_hash: hashSecret(token),
        must_confirm: mustConfirm ? 1 : 0,
        record: toJson(NEW_DDI_RECORD),
      })
      const joined = { kind: 'joined', site: input.site, isPending: false } as const
      await appendEvents(tx, {
        device: { id, organisation_id: organisationId },
        atMs: hub.clock.nowMs(),
        changes: [joined],
      })
      note.object.id = id
      note.detail = { id, name, site: input.site, controllerId, mustConfirm, by: caller.name }
      return ddiDeviceOf(hub, tx, { organisationId, reference: id })
    })
    hub.bus.publish('device.changed', device.id)
    return { token, device }
  }),
  get: os.ddi.get.handler(({ context: { hub, organisationId }, input }) =>
    ddiDeviceOf(hub, hub.store.db, { organisationId, reference: input.device }),
  ),
  token: os.ddi.token.handler(({ context, input }) => {
    const { hub, organisationId, change } = context
    const token = hub.ids.secret()
    return change(async (tx, note) => {
      const device = await ddiDeviceOf(hub, tx, { organisationId, reference: input.device })
      await setDdiToken(tx, device.id, hashSecret(token))
      note.object.id = device.id
      note.detail = { id: device.id, name: device.name }
      return { token, device }
    })
  }),
}

type NewDdi = { name: string; siteId: Parameters<typeof insertDevice>[1]['site_id']; labels: Record<string, string> }

/**
 * The rows of the device. Each device has a join token and a key. This device has neither, so its token is used up
 * and its key is that of nobody: no certificate can have it.
 */
async function insertRows(tx: Tx, { hub, organisationId }: KeyCall, { name, siteId, labels }: NewDdi) {
  const nowMs = hub.clock.nowMs()
  const id = hub.ids.device()
  const tokenId = hub.ids.token()
  await insertToken(tx, {
    id: tokenId,
    organisation_id: organisationId,
    site_id: siteId,
    secret_hash: hashSecret(hub.ids.secret()),
    labels: toJson(labels),
    uses_max: 1,
    uses: 1,
    approval: 'auto',
    networks: toJson([]),
    created_at_ms: nowMs,
    expires_at_ms: nowMs,
    revoked_at_ms: nowMs,
  })
  await insertDevice(tx, {
    id,
    organisation_id: organisationId,
    site_id: siteId,
    name,
    labels: toJson(labels),
    revision: 1,
    status: 'active',
    public_key_hash: hashSecret(`ddi ${id} ${hub.ids.secret()}`),
    certificate_pem: null,
    certificate_serial: null,
    certificate_fingerprint: null,
    certificate_not_after_ms: null,
    shown_authority: null,
    join_token_id: tokenId,
    generation: 0,
    resumed_generation: null,
    resumed_digest: null,
    created_at_ms: nowMs,
    facts: null,
  })
  return id
}

type Named = { organisationId: KeyCall['organisationId']; reference: string }

/** Throws if the device is unknown, or has an agent. */
async function ddiDeviceOf(hub: Hub, db: Db, { organisationId, reference }: Named): Promise<DdiDevice> {
  const device = await knownDevice(db, organisationId, reference)
  const row = await findDdi(db, device.id)
  if (!row) throw problem('ddi_unknown')
  const { id, name, site } = device
  return { id, name, site, ...(await viewOf(hub, db, row)) }
}

async function viewOf({ config }: Hub, db: Db, row: DdiRow): Promise<Omit<DdiDevice, 'id' | 'name' | 'site'>> {
  const { action, installed, failures, attributes = {}, lines } = recordOf(row)
  const failure = failures.at(-1)
  const url = config.ddiUrl()
  return {
    controllerId: row.controller_id,
    tenant: await tenantOf(db, row.organisation_id),
    ...(url !== undefined && { url }),
    mustConfirm: row.must_confirm === 1,
    attributes,
    ...(installed && {
      installed: { name: installed.name, version: installed.version, sinceMs: installed.sinceMs },
    }),
    ...(action && {
      action: {
        id: action.id,
        name: action.target.name,
        version: action.target.version,
        state: action.state,
        sinceMs: action.sinceMs,
        ...(action.percent !== undefined && { percent: action.percent }),
      },
    }),
    ...(failure && failure.atMs > (installed?.sinceMs ?? 0) && { failed: failure.cause }),
    lines: [...lines],
  }
}
