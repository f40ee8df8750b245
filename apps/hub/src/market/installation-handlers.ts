/** Handlers of the procedures on installations. */

import type { InstallStep, InstallWish } from '@skerry/contract/market/installation'
import { permissionKey } from '@skerry/core/market/permission-diff'
import { missingForSteps } from '@skerry/core/market/step-permissions'
import { uninstallSteps } from '@skerry/core/market/uninstall-steps'
import { permissionsOfCaller } from '@skerry/core/people/access'
import { holdBlob } from '../blobs/blob-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { MarketInstallationTable } from '../store/tables/market/market-tables.ts'
import { brokenBy } from './equipment/broken-installations.ts'
import { deleteInstallation, findInstallation, listInstallations, saveInstallation } from './installation-store.ts'
import { installationOf } from './installation-view.ts'
import { type PlannedInstallation, planInstallation } from './plan-installation.ts'
import { stageFiles } from './stage-files.ts'

/** Throws if there is none of this name. */
async function knownInstallation({ hub, organisationId }: KeyCall, name: string): Promise<MarketInstallationTable> {
  const row = await findInstallation(hub.store.db, { organisationId, name })
  if (!row) throw problem('installation_unknown')
  return row
}

export const installationHandlers = {
  plan: os.market.plan.handler(async ({ context, input }) => (await planInstallation(context, input)).plan),
  install: os.market.install.handler(async ({ context, input, signal }) => {
    const { hub, organisationId } = context
    const planned = await planInstallation(context, input)
    const { entitlement } = planned.plan
    if (entitlement !== undefined) throw problem('entitlement_missing', `${input.listing}: ${entitlement}`)
    refuseUnaccepted(planned)
    refuseMissing(context, planned.plan.steps)
    const { folder, listing, blobs } = planned
    const pushed = listing.versions.flatMap(({ files }) => files)
    using _pins = hub.blobGuard.pin([...pushed, ...blobs].map(({ digest }) => digest))
    const staged = await stageFiles(hub, { folder, listing, blobs }, signal ?? hub.signal)
    await context.change(async (tx, note) => {
      const nowMs = hub.clock.nowMs()
      await requireStorageRoom(
        tx,
        organisationId,
        staged.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      )
      for (const file of staged) await holdBlob(tx, { organisationId, ...file, nowMs })
      await saveInstallation(tx, rowOf(context, planned, input))
      note.object.id = planned.plan.name
      const { change, version, permissions } = planned.plan
      note.detail = { listing: listing.name, change, version, accepted: permissions.asked.map(permissionKey) }
    })
    return planned.plan
  }),
  complete: os.market.complete.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId } = context
    const row = await knownInstallation(context, name)
    await context.change(async (tx, note) => {
      note.object.id = name
      note.detail = { listing: row.listing, version: row.version, removed: row.state === 'removing' }
      if (row.state === 'removing') await deleteInstallation(tx, { organisationId, name })
      else await saveInstallation(tx, { ...row, state: 'installed' })
    })
    const done = await findInstallation(hub.store.db, { organisationId, name })
    return done ? { installation: await installationOf(hub, done) } : {}
  }),
  installations: os.market.installations.handler(async ({ context, input: { limit, after } }) => {
    const { hub, organisationId } = context
    const rows = await listInstallations(hub.store.db, { organisationId, limit: limit + 1, after })
    const page = pageFrom(rows, limit, ({ name }) => name)
    return { ...page, rows: await Promise.all(page.rows.map((row) => installationOf(hub, row))) }
  }),
  uninstall: os.market.uninstall.handler(async ({ context, input: { name } }) => {
    const row = await knownInstallation(context, name)
    const removal = uninstallSteps(fromJson(row.objects))
    refuseMissing(context, removal.steps)
    const broken = row.state === 'removing' ? undefined : await brokenBy(context, { name, steps: removal.steps })
    if (broken !== undefined) throw problem('installation_refused', broken)
    await context.change(async (tx, note) => {
      note.object.id = name
      note.detail = { listing: row.listing, version: row.version }
      await saveInstallation(tx, { ...row, state: 'removing', changed_at_ms: context.hub.clock.nowMs() })
    })
    return removal
  }),
}

/** Before anything is recorded, so that no installation ends in the middle for want of a permission. */
function refuseMissing({ caller }: KeyCall, steps: readonly InstallStep[]): void {
  const missing = missingForSteps(steps, permissionsOfCaller(caller))
  if (missing.length === 0) return
  throw problem('permission_denied', `the steps also need ${missing.join(', ')}; ask a person whose role has them`)
}

function refuseUnaccepted({ plan: { permissions } }: PlannedInstallation): void {
  const { unaccepted } = permissions
  if (unaccepted.length === 0) return
  const named = unaccepted.map(permissionKey)
  const message = `nobody has accepted ${named.join(', ')}; read the purposes, then repeat with --accept`
  throw problem('market_permission_unaccepted', message, { unaccepted: named })
}

/** The record begins as installing: an interrupted installation is visible, and can be repeated. */
function rowOf(
  { hub, organisationId, caller }: KeyCall,
  { plan, listing, entry, objects, preset }: PlannedInstallation,
  wish: InstallWish,
): MarketInstallationTable {
  return {
    organisation_id: organisationId,
    name: plan.name,
    state: 'installing',
    catalogue: plan.catalogue,
    listing: listing.name,
    title: listing.title,
    version: listing.version,
    digest: entry.digest,
    channel: wish.channel,
    settings: toJson(wish.settings),
    selector: wish.selector,
    preset: preset ?? null,
    scope: wish.scope,
    accepted: toJson(plan.permissions.asked.map(permissionKey)),
    objects: toJson(objects),
    changed_at_ms: hub.clock.nowMs(),
    changed_by: caller.name,
  }
}
