/**
 * Stream handlers: connect a gateway with the inference server of a device that declares no address. The gateway's key is
 * judged as for a call, and the device must be a place of the route at this moment.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ROUTE_STREAM_PATH } from '@skerry/contract/routes/route'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import { DeviceId, type OrganisationId } from '@skerry/contract/values/ids'
import { modelsOfRoute, tableRoute } from '@skerry/core/routes/route-table'
import { joinStreams } from '@skerry/platform/network/join-streams'
import { socketStream } from '@skerry/platform/network/socket-stream'
import { WebSocketServer } from 'ws'
import { admitKey } from '../http/admission/key-guard.ts'
import type { OpenCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { pathOf, type Upgrades } from '../http/upgrades.ts'
import type { Hub } from '../hub.ts'
import { findSite } from '../sites/site-store.ts'
import { openStream } from '../streams/open-stream.ts'
import { STREAM_LIMITS } from '../streams/stream-doors.ts'
import { routeSiteOf, servingFacts } from './route-facts.ts'
import { findRoute } from './route-store.ts'
import { knownStages, stagesOf } from './stage-store.ts'

/** Adds the path of gateways. */
export function attachPlaces(upgrades: Upgrades, hub: Hub): Disposable {
  const acceptor = new WebSocketServer({ noServer: true, maxPayload: STREAM_MESSAGE_MAX, perMessageDeflate: false })
  upgrades.take(ROUTE_STREAM_PATH, async (request, socket, head) => {
    const { organisationId, caller } = await admitGateway(hub, request)
    const deviceId = await placeOf(hub, organisationId, request)
    const device = await openDevice(hub, { organisationId, deviceId }, socket)
    acceptor.handleUpgrade(request, socket, head, (webSocket) => {
      const gateway = socketStream(webSocket, STREAM_LIMITS)
      // A revoked key ends the streams of its gateway, too.
      const stop = hub.bus.subscribe('key.changed', caller.id, () => gateway.destroy())
      void joinStreams(gateway, device).finally(stop)
    })
  })
  return { [Symbol.dispose]: () => acceptor.close() }
}

const META = { access: 'route.serve', scope: 'none', approval: 'none', isReadOnly: true } as const

/** The same guard as for calls. Browsers have no key, so a page cannot open this path. */
function admitGateway(hub: Hub, { headers, socket }: IncomingMessage) {
  const browser = {
    cookie: undefined,
    name: undefined,
    host: undefined,
    origin: undefined,
    fetchSite: undefined,
    mark: undefined,
    organisation: undefined,
  }
  const call: OpenCall = {
    hub,
    requestId: hub.ids.request(),
    source: socket.remoteAddress ?? '',
    authorization: headers.authorization,
    browser,
    precondition: {},
    setTag: () => undefined,
    setCookie: () => undefined,
    trail: { organisationId: undefined, actor: { kind: 'anonymous', id: '', name: '' }, isRecorded: false },
    entry: { isCounted: false, refusal: undefined, prepared: {} },
  }
  return admitKey(call, { path: ['route', 'table'], meta: META, route: undefined, input: {} })
}

/** The device of the path, if it is a place of the route for a gateway at this site. */
async function placeOf(hub: Hub, organisationId: OrganisationId, request: IncomingMessage): Promise<DeviceId> {
  const { db } = hub.store
  const [name = '', device] = pathOf(request)
    .slice(ROUTE_STREAM_PATH.length + 1)
    .split('/')
  const deviceId = DeviceId.safeParse(device)
  const route = await findRoute(db, organisationId, name)
  if (!route || !deviceId.success) throw problem('model_route_unknown')
  const siteName = new URLSearchParams(request.url?.split('?')[1]).get('site')
  const site = siteName === null ? undefined : await findSite(db, organisationId, siteName)
  const { spec } = route
  const facts = await servingFacts(hub, organisationId, modelsOfRoute(spec))
  const stages = stagesOf(spec, await knownStages(db, organisationId, [spec]))
  const row = tableRoute({ name, spec, facts, gateway: site && routeSiteOf(site), stages })
  const { refusal } = row
  if (refusal !== undefined) throw problem('route_refused', refusal)
  const places = [row, ...(row.stages ?? [])].flatMap((one) => one.places)
  if (!places.some(({ id }) => id === deviceId.data))
    throw problem('route_refused', `the device is no place of the route ${name}`)
  return deviceId.data
}

type Place = { organisationId: OrganisationId; deviceId: DeviceId }

async function openDevice(hub: Hub, { organisationId, deviceId }: Place, socket: Duplex): Promise<Duplex> {
  const left = new AbortController()
  const leave = () => left.abort()
  socket.once('close', leave)
  try {
    const wish = { payer: organisationId, use: 'serve', params: {} }
    const opened = await openStream(hub, deviceId, wish, AbortSignal.any([left.signal, hub.signal]))
    if (!opened.ok) throw problem(opened.code, opened.message)
    return opened.stream
  } finally {
    socket.off('close', leave)
  }
}
