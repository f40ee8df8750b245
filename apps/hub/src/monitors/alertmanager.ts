/**
 * Alertmanager: tells the Alertmanagers of monitors which versions alert. Each alert says when it ends unless it is repeated,
 * so that an alert that is over ends there without a further message, even if this hub is gone.
 */
import { alertmanagerAlerts } from '@skerry/core/monitors/webhook-request'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { MonitorTable } from '../store/tables/monitor-tables.ts'
import { specIn } from './monitor-store.ts'
import { isMuted } from './mute.ts'

/** Three repetitions may be lost. */
const ENDS_AFTER_MS = 120_000

export const REPEAT_MS = 30_000

/** Sends the alerts of all monitors that alert now. A failure is logged and counted; the next sweep sends them again. */
export async function tellAlertmanagers(hub: Hub): Promise<void> {
  const rows = await hub.store.db.selectFrom('monitors').selectAll().where('state', '=', 'alert').execute()
  const nowMs = hub.clock.nowMs()
  await Promise.all(rows.filter((row) => !isMuted(row, nowMs)).map((row) => tell(hub, row, nowMs)))
}

async function tell(hub: Hub, row: MonitorTable, nowMs: number): Promise<void> {
  const { alertmanager } = specIn(row.spec)
  if (alertmanager === undefined) return
  const verdicts = (row.verdicts ? fromJson(row.verdicts) : []).filter(({ state }) => state === 'alert')
  const firing = {
    organisation: row.organisation_id,
    model: row.model,
    verdicts,
    sinceMs: row.since_ms ?? nowMs,
    endsMs: nowMs + ENDS_AFTER_MS,
  }
  const payload = JSON.stringify(alertmanagerAlerts(firing, (ms) => new Date(ms).toISOString()))
  const reply = await hub.webhooks.tell({ url: alertsUrl(alertmanager), headers: {}, payload }, hub.signal)
  if (!('error' in reply) && reply.status >= 200 && reply.status < 300) return
  hub.metrics.alertmanagerFailures.inc()
  const message = 'error' in reply ? reply.error : `it answered ${reply.status}`
  hub.log.warn('alertmanager_failed', { model: row.model, message: message.slice(0, 500) })
}

const alertsUrl = (base: string) => new URL('api/v2/alerts', base.endsWith('/') ? base : `${base}/`).href
