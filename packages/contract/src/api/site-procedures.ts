/** Procedures on sites. */
import * as z from 'zod'
import { Name, Page, pageOf } from '../names.ts'
import { Site, SiteSpec, SiteState } from '../site.ts'
import { procedure } from './procedure.ts'

/** What a change did: nothing, where the record was already so. */
export const Change = z.enum(['created', 'updated', 'unchanged'])

export const siteProcedures = {
  list: procedure({ method: 'GET', path: '/v1/sites', access: 'fleet.read', summary: 'List sites', errors: [] })
    .input(z.strictObject(Page))
    .output(pageOf(Site)),
  states: procedure({
    method: 'GET',
    path: '/v1/site-states',
    access: 'fleet.read',
    summary: 'Count the devices of each site by how they fare',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(SiteState)),
  get: procedure({
    method: 'GET',
    path: '/v1/sites/{site}',
    access: 'fleet.read',
    summary: 'Show a site',
    errors: ['site_unknown'],
  })
    .input(z.strictObject({ site: Name }))
    .output(Site),
  apply: procedure({
    method: 'PUT',
    path: '/v1/sites/{name}',
    access: 'site.write',
    summary: 'Make a site be as described',
    errors: ['revision_stale'],
  })
    .input(
      z.strictObject({ ...SiteSpec.shape, ifRevision: z.int().min(0).optional(), dryRun: z.boolean().default(false) }),
    )
    .output(z.strictObject({ change: Change, site: Site.optional() })),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/sites/{site}',
    access: 'site.write',
    summary: 'Remove a site that no device stands at',
    errors: ['site_unknown', 'site_in_use'],
  })
    .input(z.strictObject({ site: Name }))
    .output(z.strictObject({})),
}
