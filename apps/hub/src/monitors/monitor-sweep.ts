/**
 * Monitor sweep: judges each monitor, keeps the verdict for alerts, and does the actions that are due. An alert leads to its
 * action within two sweeps.
 */
import type { MonitorAct, VersionVerdict } from '@skerry/contract/monitors/monitor'
import { type DueAct, dueActs } from '@skerry/core/monitors/actions'
import { appendAudit } from '../audit/audit-store.ts'
import { type DeploymentInForce, deploymentsInForce } from '../deployments/deployment-store.ts'
import { rollBackDeployment } from '../deployments/rollback-deployment.ts'
import { isProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { publishRollouts } from '../rollouts/publish-rollouts.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { MonitorTable } from '../store/tables/monitor-tables.ts'
import { type Judgement, judgeMonitor } from './judge-monitor.ts'
import { actsOf } from './monitor-store.ts'

/** A sweep judges each monitor of all organisations. The cost does not depend on the number of devices. */
export async function sweepMonitors(hub: Hub): Promise<void> {
  const rows = await hub.store.db
    .selectFrom('monitors')
    .selectAll()
    .orderBy('organisation_id')
    .orderBy('model')
    .execute()
  for (const row of rows) {
    hub.signal.throwIfAborted()
    const nowMs = hub.clock.nowMs()
    const judged = await judgeMonitor(hub.store.db, row, nowMs)
    if (isNews(row, judged)) await keepVerdict(hub, row, judged)
    if (judged.state === 'alert') await act(hub, row, judged)
  }
}

/** Figures change with every window. Alerts show states and the worst features only. */
const newsOf = (versions: Judgement['versions']) =>
  versions.map(({ version, state, features }) => [
    version,
    state,
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

const withoutBins = ({ features, ...version }: VersionVerdict): VersionVerdict => ({
  ...version,
  features: features.map(({ bins: _, ...feature }) => feature),
})

/** A week of acts decides about the weekly maximum. */
const ACTS_READ_MAX = 1_000

async function act(hub: Hub, row: MonitorTable, { versions }: Judgement): Promise<void> {
  const { organisation_id: organisationId, model } = row
  const { db } = hub.store
  const deployments = (await deploymentsInForce(db, organisationId)).filter(({ deployable }) => deployable === model)
  const due = dueActs(fromJson(row.spec), {
    versions,
    wanted: new Set(deployments.map(({ version }) => version)),
    acts: await actsOf(db, { organisationId, model }, ACTS_READ_MAX),
    nowMs: hub.clock.nowMs(),
  })
  for (const one of due) {
    const concerned = deployments.filter(({ version }) => version === one.version)
    await record(hub, row, { ...one, ...(await rollBackAll(hub, concerned, one)) })
  }
}

type Done = Pick<MonitorAct, 'outcome' | 'message'>

async function rollBackAll(hub: Hub, deployments: readonly DeploymentInForce[], { isDryRun }: DueAct): Promise<Done> {
  const names = deployments.map(({ name }) => name).join(', ')
  if (isDryRun) return { outcome: 'dry-run', message: `would roll back ${names}` }
  try {
    for (const deployment of deployments) {
      const rolled = await hub.store.transaction((tx) =>
        rollBackDeployment(tx, hub, { deployment, scope: undefined, to: undefined, ifRevision: undefined }),
      )
      publishRollouts(hub, rolled.rolloutIds)
    }
    return { outcome: 'done', message: `rolled back ${names}` }
  } catch (error) {
    if (isProblem(error)) return { outcome: 'failed', message: error.message.slice(0, 1_000) }
    throw error
  }
}

async function record(
  hub: Hub,
  row: MonitorTable,
  { action, version, outcome, message }: DueAct & Done,
): Promise<void> {
  const { organisation_id: organisationId, model } = row
  const atMs = hub.clock.nowMs()
  await hub.store.transaction(async (tx) => {
    const act = { organisation_id: organisationId, model, at_ms: atMs, action, version, outcome, message }
    await tx.insertInto('monitor_acts').values(act).execute()
    await appendAudit(tx, {
      organisationId,
      atMs,
      actor: { kind: 'hub', id: '', name: 'hub' },
      action: 'monitor.act',
      object: { kind: 'monitor', id: model },
      result: outcome === 'failed' ? 'failed' : 'ok',
      detail: { action, version, outcome, message },
    })
  })
  hub.log.warn('monitor_acted', { organisationId, model, action, version, outcome })
}
