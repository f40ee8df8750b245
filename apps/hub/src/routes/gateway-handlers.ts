/** Handlers of the procedures that gateways use: the access of their callers, and the table of routes. */
import { GATEWAYS_MAX, ROUTES_MAX, type RouteTable } from '@skerry/contract/routes/route'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { modelsOfRoute, type RouteSite, tableRoute } from '@skerry/core/routes/route-table'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { findDevices } from '../devices/device-store.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { findSite } from '../sites/site-store.ts'
import type { Db } from '../store/store.ts'
import { saveGateway } from './gateway-store.ts'
import { routeSiteOf, servingFacts } from './route-facts.ts'
import { listRoutes } from './route-store.ts'
import { knownStages, stagesOf } from './stage-store.ts'

/** Without any event: a device becomes silent, or a hub beside this one ends. */
const AGAIN_MS = 3_000

/** Reports of devices come in crowds when a rollout moves. */
const SETTLE_MS = 200

export const gatewayHandlers = {
  access: os.route.access.handler(({ context: { organisationId, caller } }) => ({ organisationId, name: caller.name })),
  table: os.route.table.handler(async ({ context: { hub, organisationId }, input, signal }) => {
    const { gateway: name, device: own, url, seen, waitMs, report } = input
    const { db } = hub.store
    const siteName = own === undefined ? input.site : await siteOfDevice(db, organisationId, own)
    if (siteName !== undefined && !(await findSite(db, organisationId, siteName))) throw problem('site_unknown')
    const nowMs = hub.clock.nowMs()
    const isKept = await hub.store.transaction((tx) =>
      saveGateway(tx, { organisationId, name, site: siteName, url, report, nowMs }),
    )
    if (!isKept) throw problem('route_refused', `an organisation has at most ${GATEWAYS_MAX} gateways`)
    const ended = AbortSignal.any([hub.signal, ...(signal ? [signal] : [])])
    return nextTable(hub, { organisationId, siteName, own, seen, waitMs }, ended)
  }),
}

type Wish = {
  organisationId: OrganisationId
  siteName: string | undefined
  /** The device whose agent runs the gateway. */
  own: DeviceId | undefined
  seen: string | undefined
  waitMs: number
}

/** The site is a fact of the hub, so that nobody moves a gateway over a border by its command line. */
async function siteOfDevice(db: Db, organisationId: OrganisationId, id: DeviceId): Promise<string> {
  const [device] = await findDevices(db, organisationId, [id])
  if (device?.status !== 'active') throw problem('device_unknown')
  return device.site
}

/** The table as soon as it differs from the seen one, or the present one when the time is over. */
async function nextTable(hub: Hub, { seen, waitMs, ...asked }: Wish, signal: AbortSignal): Promise<RouteTable> {
  const endMs = hub.clock.monotonicMs() + waitMs
  using news = listen(hub, asked.organisationId)
  for (;;) {
    const looked = news.next()
    const table = await tableOf(hub, asked)
    const leftMs = endMs - hub.clock.monotonicMs()
    if (table.revision !== seen || leftMs <= 0 || signal.aborted) return table
    const woken = new AbortController()
    const limited = AbortSignal.any([signal, woken.signal])
    await Promise.race([looked, hub.clock.sleep(Math.min(leftMs, AGAIN_MS), limited).catch(() => undefined)])
    woken.abort()
    await hub.clock.sleep(Math.min(leftMs, SETTLE_MS), signal).catch(() => undefined)
  }
}

/** Events after which the table may differ. */
function listen({ bus }: Pick<Hub, 'bus'>, organisationId: OrganisationId) {
  let wake = () => {}
  const heard = () => wake()
  const stops = [
    bus.subscribe('routes.changed', organisationId, heard),
    ...(['items.changed', 'device.changed', 'everything.changed'] as const).map((topic) =>
      bus.subscribe(topic, undefined, heard),
    ),
  ]
  return {
    next: () =>
      new Promise<void>((resolve) => {
        wake = resolve
      }),
    [Symbol.dispose]() {
      for (const stop of stops) stop()
    },
  }
}

async function tableOf(
  hub: Hub,
  { organisationId, siteName, own }: Omit<Wish, 'seen' | 'waitMs'>,
): Promise<RouteTable> {
  const { db } = hub.store
  const site = siteName === undefined ? undefined : await findSite(db, organisationId, siteName)
  const gateway: RouteSite | undefined = site && routeSiteOf(site)
  const routes = await listRoutes(db, { organisationId, limit: ROUTES_MAX })
  const specs = routes.map(({ spec }) => spec)
  const facts = await servingFacts(hub, organisationId, specs.flatMap(modelsOfRoute))
  const known = await knownStages(db, organisationId, specs)
  const rows = routes.map(({ name, spec }) =>
    tableRoute({ name, spec, facts, gateway, own, stages: stagesOf(spec, known) }),
  )
  return { organisationId, revision: digestOf(canonicalJson(rows)), routes: rows }
}
