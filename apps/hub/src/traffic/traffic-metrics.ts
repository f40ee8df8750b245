/**
 * Traffic metrics: the newest requests of each version on all devices, for Prometheus and OpenTelemetry. For Prometheus
 * each hub reads them from the database when it is scraped, so that every hub gives the whole.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { quantilesOf } from '@skerry/core/traffic/counts'
import { FLEET_STEP_MS } from '@skerry/core/traffic/parts'
import { newestClosedMs } from '@skerry/core/traffic/points'
import { Gauge, Registry } from 'prom-client'
import type { Hub } from '../hub.ts'
import { type OwnedPart, partIn } from './part-store.ts'

/** Five figures each are some megabytes of a scrape. The models come by name. */
const VERSIONS_MAX = 5_000

type ReadHub = Pick<Hub, 'store' | 'clock'>

/** The requests of the newest five minutes that all devices have reported: of one organisation, or of all. */
export async function trafficRegistry(hub: ReadHub, organisationId: OrganisationId | undefined): Promise<Registry> {
  const registry = new Registry()
  setTraffic(registry, await newestParts(hub, organisationId))
  return registry
}

/** Replaces the figures before: a version that nobody serves has none. */
export async function exportTraffic(registry: Registry, hub: ReadHub): Promise<void> {
  setTraffic(registry, await newestParts(hub, undefined))
}

/** By model, so that the key of the table finds the part of each: a table of a week has 2,000 parts of a model. */
async function newestParts({ store: { db }, clock }: ReadHub, organisationId: OrganisationId | undefined) {
  const startMs = newestClosedMs(clock.nowMs(), FLEET_STEP_MS)
  const rows = await db
    .selectFrom('models')
    .innerJoin('traffic_parts as part', (join) =>
      join.onRef('part.organisation_id', '=', 'models.organisation_id').onRef('part.model', '=', 'models.name'),
    )
    .selectAll('part')
    .where('part.device_id', '=', '')
    .where('part.start_ms', '=', startMs)
    .where('part.step_ms', '=', FLEET_STEP_MS)
    .$if(organisationId !== undefined, (select) =>
      select.where('models.organisation_id', '=', organisationId as OrganisationId),
    )
    .orderBy('part.organisation_id')
    .orderBy('part.model')
    .orderBy('part.version')
    .limit(VERSIONS_MAX)
    .execute()
  return rows.map(partIn)
}

function setTraffic(registry: Registry, parts: readonly OwnedPart[]): void {
  registry.clear()
  const { requests, failures, dropped, latency } = gaugesOf([registry])
  for (const { organisationId, model, version, counts } of parts) {
    const labels = { organisation: organisationId, model, version: String(version) }
    requests.set(labels, counts.requests)
    failures.set(labels, counts.failures)
    dropped.set(labels, counts.dropped)
    const { p50Us, p95Us } = quantilesOf(counts.latency)
    if (p50Us !== undefined) latency.set({ ...labels, quantile: '0.5' }, p50Us / 1e6)
    if (p95Us !== undefined) latency.set({ ...labels, quantile: '0.95' }, p95Us / 1e6)
  }
}

const OF_VERSION = ['organisation', 'model', 'version'] as const
const TIME = 'in the newest five minutes that all devices have reported'

const gaugesOf = (registers: Registry[]) => ({
  requests: new Gauge({
    name: 'skerry_model_requests',
    help: `Requests to a version on all devices ${TIME}`,
    labelNames: OF_VERSION,
    registers,
  }),
  failures: new Gauge({
    name: 'skerry_model_failures',
    help: `Failed requests to a version on all devices ${TIME}`,
    labelNames: OF_VERSION,
    registers,
  }),
  dropped: new Gauge({
    name: 'skerry_model_dropped',
    help: `Requests to a version that full queues rejected on all devices ${TIME}`,
    labelNames: OF_VERSION,
    registers,
  }),
  latency: new Gauge({
    name: 'skerry_model_latency_seconds',
    help: `Latency of the answers of a version on all devices ${TIME}`,
    labelNames: [...OF_VERSION, 'quantile'] as const,
    registers,
  }),
})
