/** Handlers of the procedures by which people declare routes and look at them. */
import { kinds } from '@skerry/contract/kinds/kinds'
import { ROUTES_MAX, type RouteSpec } from '@skerry/contract/routes/route'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { pipelineSides } from '@skerry/core/routes/pipeline-sides'
import { specTrouble } from '@skerry/core/routes/route-text'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { findModel } from '../models/version-store.ts'
import type { Tx } from '../store/store.ts'
import { countRoutes, deleteRoute, findRoute, listRoutes, saveRoute } from './route-store.ts'
import { routeDetail, routeRow, routeWorld } from './route-view.ts'
import { keyOfStage, knownStages, stagesOf } from './stage-store.ts'

export const routeHandlers = {
  list: os.route.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const routes = await listRoutes(hub.store.db, { organisationId, limit: limit + 1, after })
    const world = await routeWorld(hub, organisationId, routes)
    return pageFrom(
      routes.map((route) => routeRow(route, world)),
      limit,
      ({ name }) => name,
    )
  }),
  get: os.route.get.handler(async ({ context: { hub, organisationId }, input: { name } }) => {
    const route = await findRoute(hub.store.db, organisationId, name)
    if (!route) throw problem('model_route_unknown')
    return routeDetail(route, await routeWorld(hub, organisationId, [route]))
  }),
  set: os.route.set.handler(async ({ context, input: { name, spec } }) => {
    const { hub, organisationId, caller } = context
    const saved = await context.change(async (tx, note) => {
      const model = await findModel(tx, { organisationId, name: spec.model })
      if (!model) throw problem('model_unknown')
      if (!kinds[model.kind].serves)
        throw problem('route_refused', `${spec.model} is of the kind ${model.kind}; only models answer requests`)
      const trouble = specTrouble(spec) ?? (await pipelineTrouble(tx, organisationId, spec))
      if (trouble !== undefined) throw problem('route_refused', trouble)
      const current = await findRoute(tx, organisationId, name)
      if (!current && (await countRoutes(tx, organisationId)) >= ROUTES_MAX)
        throw problem('route_refused', `an organisation has at most ${ROUTES_MAX} routes`)
      note.object.id = name
      note.detail = { ...spec, ...(current ? {} : { change: 'created' }) }
      await saveRoute(tx, current, { organisationId, name, spec, nowMs: hub.clock.nowMs(), by: caller.name })
      return findRoute(tx, organisationId, name)
    })
    hub.bus.publish('routes.changed', organisationId)
    if (!saved) throw problem('model_route_unknown')
    return saved
  }),
  remove: os.route.remove.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId } = context
    await context.change(async (tx) => {
      if (!(await deleteRoute(tx, organisationId, name))) throw problem('model_route_unknown')
    })
    hub.bus.publish('routes.changed', organisationId)
    return {}
  }),
}

/** The reason why the stages cannot answer together; undefined if they can, or there are none. */
async function pipelineTrouble(tx: Tx, organisationId: OrganisationId, spec: RouteSpec): Promise<string | undefined> {
  const { pipeline } = spec
  if (!pipeline) return undefined
  const known = await knownStages(tx, organisationId, [spec])
  const unknown = pipeline.stages.find((stage) => !known.has(keyOfStage(stage)))
  if (unknown) return `there is no version ${keyOfStage(unknown)} that answers requests`
  const sides = pipelineSides(stagesOf(spec, known) ?? [], pipeline.outputs)
  return sides.ok ? undefined : sides.message
}
