/** Monitor metrics: the newest verdicts for Prometheus. */
import type { MonitorState } from '@skerry/contract/monitors/monitor'
import type { Hub } from '../hub.ts'
import type { MonitorTable } from '../store/tables/monitor-tables.ts'
import type { Judgement } from './judge-monitor.ts'

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

/** Replaces the figures of the sweep before: versions that are gone have none. */
export function tellMetrics({ metrics }: Pick<Hub, 'metrics'>, all: readonly Judged[]): void {
  const { monitorState, monitorRows, monitorStability, monitorMissing } = metrics
  for (const gauge of [monitorState, monitorRows, monitorStability, monitorMissing]) gauge.reset()
  let features = 0
  for (const { row, judged } of all) {
    for (const verdict of judged.versions) {
      const labels = { organisation: row.organisation_id, model: row.model, version: String(verdict.version) }
      monitorState.set(labels, VALUES[verdict.state])
      monitorRows.set(labels, verdict.rows)
      for (const { feature, stability, missingShare } of verdict.features) {
        if (features >= FEATURES_MAX) break
        features += 1
        if (stability !== undefined) monitorStability.set({ ...labels, feature }, stability)
        monitorMissing.set({ ...labels, feature }, missingShare)
      }
    }
  }
}
