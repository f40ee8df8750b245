/**
 * Metrics route: the hub's numbers for Prometheus. They cover all organisations, so only operators get them. An
 * organisation that has the hub to itself gets them too, if the caller's role may read the hub. All other callers get
 * the numbers of their own organisation.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Gauge, Registry } from 'prom-client'
import { maySeeHub } from '../about/hub-view.ts'
import type { Hub } from '../hub.ts'
import { monitorRegistry } from '../monitors/monitor-metrics.ts'
import { ownUse } from '../organisations/quota.ts'
import { trafficRegistry } from '../traffic/traffic-metrics.ts'
import { admitKey } from './admission/key-guard.ts'
import type { OpenCall } from './call.ts'
import { blobBytes } from './health.ts'

/** The numbers cover all sites and devices, so a caller whose role has a scope does not get them. */
const META = { scope: 'none', approval: 'none', isReadOnly: true } as const

export function installMetrics(
  app: FastifyInstance,
  hub: Hub,
  callOf: (request: FastifyRequest, reply: FastifyReply) => OpenCall,
): void {
  app.get('/metrics', async (request, reply) => {
    const call = callOf(request, reply)
    const called = { path: ['hub', 'metrics'], route: undefined, input: undefined }
    const { caller } = await admitKey(call, { ...called, meta: { ...META, access: 'caller' } })
    const registry = (await maySeeHub(hub, caller)) ? await hubRegistry(hub) : await ownRegistry(hub, call, called)
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}

/** The registry, after the values that are measured only on request. */
async function hubRegistry(hub: Hub): Promise<Registry> {
  hub.metrics.blobBytes.set(await blobBytes(hub))
  hub.metrics.diskFreeBytes.set(await hub.disk.freeBytes())
  return Registry.merge([hub.metrics.registry, ...(await modelRegistries(hub, undefined))])
}

type CalledPath = { path: string[]; route: undefined; input: undefined }

/** Needs the permission to read the fleet, because the numbers show its size. */
async function ownRegistry(hub: Hub, call: OpenCall, called: CalledPath): Promise<Registry> {
  const { organisationId } = await admitKey(call, { ...called, meta: { ...META, access: 'fleet.read' } })
  const { quota, use } = await ownUse(hub, organisationId)
  const registry = new Registry()
  const gauge = (name: string, help: string, value: number | undefined) => {
    if (value !== undefined) new Gauge({ name: `skerry_organisation_${name}`, help, registers: [registry] }).set(value)
  }
  gauge('devices', 'Devices of the organisation', use.devices)
  gauge('devices_max', 'How many devices it may have', quota.devices)
  gauge('storage_bytes', 'Bytes of model files that it holds, and of uploads that are open', use.storageBytes)
  gauge('storage_bytes_max', 'How many bytes it may hold', quota.storageBytes)
  gauge('requests_per_minute', 'What it has asked this hub within the last minute', use.requestsPerMinute)
  gauge('requests_per_minute_max', 'What it may ask within a minute', quota.requestsPerMinute)
  gauge('watchers', 'Streams that are open for it through this hub', hub.watchPlaces.ofOrganisation(organisationId))
  return Registry.merge([registry, ...(await modelRegistries(hub, organisationId))])
}

/** The figures of models: of one organisation, or of all. */
const modelRegistries = (hub: Hub, organisationId: OrganisationId | undefined) =>
  Promise.all([monitorRegistry(hub, organisationId), trafficRegistry(hub, organisationId)])
