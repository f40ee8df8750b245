/**
 * Monitor sweep: judges each monitor, keeps the verdict for alerts, and does the actions that are due. An alert leads to its
 * action within two sweeps.
 */
import type { VersionVerdict } from '@skerry/contract/monitors/monitor'
import { sourceIn } from '@skerry/contract/monitors/subject'
import { actionName, type DueAct, dueActs, isReleased } from '@skerry/core/monitors/actions'
import { appendAudit } from '../audit/audit-store.ts'
import { type DeploymentInForce, deploymentsInForce } from '../deployments/deployment-store.ts'
import type { Hub } from '../hub.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { MonitorTable } from '../store/tables/monitor-tables.ts'
import { carryOut, type Done } from './carry-out.ts'
import { deleteHolds, holdsOf } from './hold-store.ts'
import { type Judgement, judgeMonitor } from './judge-monitor.ts'
import { type Judged, setFigures } from './monitor-metrics.ts'
import { actsOf, specIn } from './monitor-store.ts'
import { isMuted } from './mute.ts'

/** A sweep judges each monitor of all organisations. The cost does not depend on the number of devices. */
export async function sweepMonitors(hub: Hub): Promise<void> {
  const rows = await hub.store.db
    .selectFrom('monitors')
    .selectAll()
    .orderBy('organisation_id')
    .orderBy('model')
    .execute()
  const later: Later[] = []
  const all: Judged[] = []
  for (const row of rows) {
    hub.signal.throwIfAborted()
    const nowMs = hub.clock.nowMs()
    const judged = await judgeMonitor(hub.store.db, row, nowMs)
    all.push({ row, judged })
    if (isNews(row, judged)) await keepVerdict(hub, row, judged)
    await releaseHealthy(hub, row, judged)
    if (judged.state === 'alert' && !isMuted(row, nowMs)) later.push(...(await act(hub, row, judged)))
  }
  setFigures(hub.metrics.led.monitors, all)
  await Promise.all(later.map((work) => work()))
}

/** Figures change with every window. Alerts show states and the worst features only. */
const newsOf = (versions: Judgement['versions']) =>
  versions.map(({ version, state, features, moved }) => [
    version,
    state,
    moved,
    features.filter((each) => each.state !== 'ok').map(({ feature, findings }) => [feature, findings]),
  ])

const isNews = ({ state, verdicts }: MonitorTable, judged: Judgement) =>
  state !== judged.state ||
  JSON.stringify(newsOf(verdicts ? fromJson(verdicts) : [])) !== JSON.stringify(newsOf(judged.versions))

async function keepVerdict(hub: Hub, row: MonitorTable, { state, versions }: Judgement): Promise<void> {
  const sinceMs = state === row.state ? row.since_ms : hub.clock.nowMs()
  await hub.store.transaction((tx) =>
    tx
      .updateTable('monitors')
      .set({ state, since_ms: sinceMs, verdicts: toJson(versions.map(withoutBins)) })
      .where('organisation_id', '=', row.organisation_id)
      .where('model', '=', row.model)
      .execute(),
  )
  if (state !== row.state) hub.log.info('monitor_changed', { model: row.model, state })
}

const withoutBins = ({ features, cohorts: _cohorts, ...version }: VersionVerdict): VersionVerdict => ({
  ...version,
  features: features.map(({ bins: _, ...feature }) => feature),
})

/** A week of acts decides about the weekly maximum. */
const ACTS_READ_MAX = 1_000

/** Requests to other programs are made after all other work: they may be slow. */
type Later = () => Promise<void>

async function act(hub: Hub, row: MonitorTable, { versions }: Judgement): Promise<Later[]> {
  const { organisation_id: organisationId, model } = row
  const { db } = hub.store
  const deployments = (await deploymentsInForce(db, organisationId)).filter(({ deployable }) => deployable === model)
  const due = dueActs(specIn(row.spec), {
    versions,
    wanted: wantedOf(row, versions, deployments),
    acts: await actsOf(db, { organisationId, model }, ACTS_READ_MAX),
    nowMs: hub.clock.nowMs(),
  })
  const later: Later[] = []
  for (const { action, version } of due) {
    const verdict = versions.find((each) => each.version === version)
    if (!verdict) continue
    const occasion = { monitor: row, verdict, deployments: deployments.filter((each) => each.version === version) }
    const work = async () => record(hub, row, { action, version, ...(await carryOut(hub, action, occasion)) })
    if (action.do === 'webhook') later.push(work)
    else await work()
  }
  return later
}

/** Devices count the newest profile of a source: no deployment wants it. */
const wantedOf = (
  { model }: MonitorTable,
  [newest]: Judgement['versions'],
  deployments: readonly Pick<DeploymentInForce, 'version'>[],
): ReadonlySet<number> =>
  new Set(sourceIn(model) === undefined ? deployments.map(({ version }) => version) : [newest?.version ?? 0])

async function record(
  hub: Hub,
  row: MonitorTable,
  { action: rule, version, outcome, message }: DueAct & Done,
): Promise<void> {
  const { organisation_id: organisationId, model } = row
  const atMs = hub.clock.nowMs()
  const action = actionName(rule)
  await hub.store.transaction(async (tx) => {
    const act = { organisation_id: organisationId, model, at_ms: atMs, action, version, outcome, message }
    await tx.insertInto('monitor_acts').values(act).execute()
    await appendAudit(tx, {
      organisationId,
      atMs,
      actor: HUB,
      action: 'monitor.act',
      object: { kind: 'monitor', id: model },
      result: outcome === 'failed' ? 'failed' : 'ok',
      detail: { action, version, outcome, message },
    })
  })
  hub.log.warn('monitor_acted', { organisationId, model, action, version, outcome })
}

const HUB = { kind: 'hub', id: '', name: 'hub' } as const

/** Flows that a healthy version releases. The others wait for a person. */
async function releaseHealthy(hub: Hub, row: MonitorTable, { versions }: Judgement): Promise<void> {
  const { organisation_id: organisationId, model } = row
  const spec = specIn(row.spec)
  if (!spec.actions.some((action) => action.do === 'hold')) return
  const holds = await holdsOf(hub.store.db, { organisationId, model })
  const released = holds.filter(({ flow }) => isReleased(spec, versions, flow))
  for (const { flow } of released) {
    await hub.store.transaction(async (tx) => {
      await deleteHolds(tx, { organisationId, model, flow })
      await appendAudit(tx, {
        organisationId,
        atMs: hub.clock.nowMs(),
        actor: HUB,
        action: 'monitor.release',
        object: { kind: 'monitor', id: model },
        result: 'ok',
        detail: { flow, reason: 'the values are as the reference again' },
      })
    })
  }
  if (released.length > 0) hub.bus.publish('monitors.changed', organisationId)
}
