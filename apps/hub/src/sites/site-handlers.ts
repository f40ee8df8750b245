/** Handlers of the procedures on sites. */
import { isDeepStrictEqual } from 'node:util'
import { type Site, SiteSpec } from '@skerry/contract/sites/site'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, unknownName } from '../http/problem.ts'
import { isSiteIn, visibleRows } from '../scopes/scope-rows.ts'
import type { Tx } from '../store/store.ts'
import { siteRollouts } from './site-rollouts.ts'
import { siteStates } from './site-states.ts'
import { deleteSite, findSite, insertSite, listSites, updateSite } from './site-store.ts'

type Applied = { change: 'created' | 'updated' | 'unchanged'; site?: Site }

export const siteHandlers = {
  list: os.site.list.handler(async ({ context: { hub, organisationId, scope }, input: { limit, after } }) => {
    const { db } = hub.store
    const rows = await visibleRows(
      { limit: limit + 1, after },
      (place) => listSites(db, { organisationId, ...place }),
      { keyOf: ({ name }) => name, isVisible: (site) => isSiteIn({ db, organisationId, scope }, site) },
    )
    return pageFrom(rows, limit, (site) => site.name)
  }),
  states: os.site.states.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const wish = { organisationId, limit: limit + 1, after, nowMs: hub.clock.nowMs() }
    return pageFrom(await siteStates(hub.store.db, wish), limit, ({ site }) => site)
  }),
  get: os.site.get.handler(async ({ context: { hub, organisationId }, input }) => {
    const site = await findSite(hub.store.db, organisationId, input.site)
    if (!site) throw unknownName('site_unknown', input.site)
    return site
  }),
  rollouts: os.site.rollouts.handler(async ({ context: { hub, organisationId }, input }) => {
    const site = await findSite(hub.store.db, organisationId, input.site)
    if (!site) throw unknownName('site_unknown', input.site)
    return { rows: await siteRollouts(hub.store.db, organisationId, site.id) }
  }),
  apply: os.site.apply.handler(async ({ context, input: { ifRevision, dryRun, ...spec } }) => {
    const done = await context.change(async (tx, note) => {
      note.detail = { spec, ...(dryRun ? { dryRun } : {}) }
      const current = await findSite(tx, context.organisationId, spec.name)
      if (ifRevision !== undefined && ifRevision !== (current?.revision ?? 0)) throw problem('revision_stale')
      const applied = dryRun ? wouldApply(current, spec) : await applySite(tx, context, { current, spec })
      note.detail = { ...note.detail, change: applied.change }
      return applied
    })
    // Devices get the new clearance with their sources and sinks.
    if (done.change === 'updated' && !dryRun) context.hub.bus.publish('connections.changed', context.organisationId)
    return done
  }),
  remove: os.site.remove.handler(({ context, input }) =>
    context.change(async (tx) => {
      const site = await findSite(tx, context.organisationId, input.site)
      if (!site) throw unknownName('site_unknown', input.site)
      if (site.deviceCount > 0) throw problem('site_in_use')
      await deleteSite(tx, site.id)
      return {}
    }),
  ),
}

function wouldApply(current: Site | undefined, spec: SiteSpec): Applied {
  if (!current) return { change: 'created' }
  return { change: isDeepStrictEqual(specOf(current), spec) ? 'unchanged' : 'updated', site: current }
}

type Change = { current: Site | undefined; spec: SiteSpec }

async function applySite(tx: Tx, { hub, organisationId }: KeyCall, { current, spec }: Change): Promise<Applied> {
  const { change } = wouldApply(current, spec)
  if (!current) await insertSite(tx, spec, { id: hub.ids.site(), organisationId, nowMs: hub.clock.nowMs() })
  else if (change === 'updated') await updateSite(tx, current, spec)
  const site = await findSite(tx, organisationId, spec.name)
  return site ? { change, site } : { change }
}

/** The spec of a site is the site without id, revision and counts. */
const specOf = (site: Site): SiteSpec => SiteSpec.strip().parse(site)
