/**
 * Monitor metrics: the newest verdicts for Prometheus and OpenTelemetry. For Prometheus each hub reads them from the
 * database when it is scraped, so that every hub gives the whole. OpenTelemetry gets them from the hub that leads.
 */
import type { MonitorState } from '@skerry/contract/monitors/monitor'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { Gauge, Registry } from 'prom-client'
import type { Hub } from '../hub.ts'
import type { MonitorTable } from '../store/tables/monitor-tables.ts'
import { type Judgement, judgeMonitor } from './judge-monitor.ts'

/** Two gauges of these are some megabytes of a scrape. The worst features of a version come first. */
const FEATURES_MAX = 5_000

const VALUES: Readonly<Record<MonitorState, number>> = {
  ok: 0,
  warn: 1,
  alert: 2,
  waiting: -1,
  quiet: -1,
  unprofiled: -1,
}

export type Judged = { row: MonitorTable; judged: Judgement }

/** Replaces the figures before: versions that are gone have none. */
export function setFigures(registry: Registry, all: readonly Judged[]): void {
  registry.clear()
  const { state, rows, stability, missing } = gaugesOf([registry])
  let features = 0
  for (const { row, judged } of all) {
    for (const verdict of judged.versions) {
      const labels = { organisation: row.organisation_id, model: row.model, version: String(verdict.version) }
      state.set(labels, VALUES[verdict.state])
      rows.set(labels, verdict.rows)
      for (const { feature, stability: index, missingShare } of verdict.features) {
        if (features >= FEATURES_MAX) break
        features += 1
        if (index !== undefined) stability.set({ ...labels, feature }, index)
        missing.set({ ...labels, feature }, missingShare)
      }
    }
  }
}

const OF_VERSION = ['organisation', 'model', 'version'] as const

const gaugesOf = (registers: Registry[]) => ({
  state: new Gauge({
    name: 'skerry_monitor_state',
    help: 'State of a monitored version: 0 as its reference, 1 warns, 2 alerts, -1 without a verdict',
    labelNames: OF_VERSION,
    registers,
  }),
  rows: new Gauge({
    name: 'skerry_monitor_rows',
    help: 'Rows of a monitored version in the compared windows',
    labelNames: OF_VERSION,
    registers,
  }),
  stability: new Gauge({
    name: 'skerry_monitor_stability',
    help: 'Population stability index of a feature of a monitored version',
    labelNames: [...OF_VERSION, 'feature'] as const,
    registers,
  }),
  missing: new Gauge({
    name: 'skerry_monitor_missing_share',
    help: 'Share of missing values of a feature of a monitored version',
    labelNames: [...OF_VERSION, 'feature'] as const,
    registers,
  }),
})

/** The present figures of one organisation, or of all. */
export async function monitorRegistry(
  { store: { db }, clock }: Pick<Hub, 'store' | 'clock'>,
  organisationId: OrganisationId | undefined,
): Promise<Registry> {
  const rows = await db
    .selectFrom('monitors')
    .selectAll()
    .$if(organisationId !== undefined, (select) =>
      select.where('organisation_id', '=', organisationId as OrganisationId),
    )
    .orderBy('organisation_id')
    .orderBy('model')
    .execute()
  const all: Judged[] = []
  for (const row of rows) all.push({ row, judged: await judgeMonitor(db, row, clock.nowMs()) })
  const registry = new Registry()
  setFigures(registry, all)
  return registry
}
