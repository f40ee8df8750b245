/** Procedures on sites. */
import * as z from 'zod'
import { OutcomeCounts, Rollout } from '../../rollouts/rollout.ts'
import { Site, SiteSpec, SiteState } from '../../sites/site.ts'
import { Name, Page, pageOf } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

/** What a change did: nothing, where the record was already so. */
export const Change = z.enum(['created', 'updated', 'unchanged'])

/** A deployment has one rollout at a time, and a site serves tens of models. */
export const SITE_ROLLOUTS_MAX = 100

/** A rollout, with how the devices of the site fare in it. */
export const SiteRollout = z.strictObject({ rollout: Rollout, counts: OutcomeCounts })
export type SiteRollout = z.infer<typeof SiteRollout>

export const siteProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/sites',
    access: 'fleet.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List sites',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(Site)),
  states: procedure({
    method: 'GET',
    path: '/v1/site-states',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    summary: 'Count the devices of each site by their state',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(SiteState)),
  get: procedure({
    method: 'GET',
    path: '/v1/sites/{site}',
    access: 'fleet.read',
    scope: 'named',
    approval: 'none',
    entity: 'site',
    summary: 'Show a site',
    errors: ['site_unknown'],
  })
    .input(z.strictObject({ site: Name }))
    .output(Site),
  rollouts: procedure({
    method: 'GET',
    path: '/v1/sites/{site}/rollouts',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the rollouts that have not ended and have devices at the site, newest first',
    errors: ['site_unknown'],
  })
    .input(z.strictObject({ site: Name }))
    .output(z.strictObject({ rows: z.array(SiteRollout).max(SITE_ROLLOUTS_MAX) })),
  apply: procedure({
    method: 'PUT',
    path: '/v1/sites/{name}',
    access: 'site.write',
    scope: 'none',
    approval: 'deployments',
    entity: 'site',
    summary: 'Create or change a site as described',
    errors: ['approval_needed'],
  })
    .input(
      z.strictObject({ ...SiteSpec.shape, ifRevision: z.int().min(0).optional(), dryRun: z.boolean().default(false) }),
    )
    .output(z.strictObject({ change: Change, site: Site.optional() })),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/sites/{site}',
    access: 'site.write',
    scope: 'none',
    approval: 'none',
    entity: 'site',
    summary: 'Remove a site without devices',
    errors: ['site_unknown', 'site_in_use'],
  })
    .input(z.strictObject({ site: Name }))
    .output(z.strictObject({})),
}
