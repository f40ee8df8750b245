/** Carries out the actions of monitors. Each is one small change that people can do too. */
import { type DeploymentSpec, Strategy } from '@skerry/contract/deployments/deployment'
import type { MonitorAct, MonitorAction } from '@skerry/contract/monitors/action'
import type { VersionVerdict } from '@skerry/contract/monitors/monitor'
import { actionName } from '@skerry/core/monitors/actions'
import { webhookBody } from '@skerry/core/monitors/webhook-request'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { assertNever } from '@skerry/core/values/assert-never'
import { appendAudit } from '../audit/audit-store.ts'
import { orderRows } from '../captures/capture-store.ts'
import { applyDeployment } from '../deployments/apply-deployment.ts'
import type { DeploymentInForce } from '../deployments/deployment-store.ts'
import { rollBackDeployment } from '../deployments/rollback-deployment.ts'
import { isProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { publishRollouts } from '../rollouts/publish-rollouts.ts'
import { rolloutSubject, sendEvents } from '../rollouts/rollout-step.ts'
import { findRollout } from '../rollouts/rollout-store.ts'
import type { MonitorTable } from '../store/tables/monitor-tables.ts'
import { noCapture } from './action-problems.ts'
import { tokenOf } from './action-token.ts'
import { insertHold } from './hold-store.ts'

export type Occasion = {
  monitor: Pick<MonitorTable, 'organisation_id' | 'model'>
  verdict: VersionVerdict
  /** The deployments that want the version. */
  deployments: readonly DeploymentInForce[]
}

export type Done = Pick<MonitorAct, 'outcome' | 'message'>

/** Never rejects because of the deployment or the receiver: the outcome says what happened. */
export async function carryOut(hub: Hub, action: MonitorAction, occasion: Occasion): Promise<Done> {
  const words = wordsOf(action, occasion)
  if (action.isDryRun) return { outcome: 'dry-run', message: `would ${words.would}` }
  try {
    const trouble = await perform(hub, action, occasion)
    return trouble === undefined
      ? { outcome: 'done', message: words.did }
      : { outcome: 'failed', message: trouble.slice(0, 1_000) }
  } catch (error) {
    if (isProblem(error)) return { outcome: 'failed', message: error.message.slice(0, 1_000) }
    throw error
  }
}

function wordsOf(action: MonitorAction, { deployments }: Occasion): { would: string; did: string } {
  const names = deployments.map(({ name }) => name).join(', ')
  const both = (verb: string, past: string, object: string) => ({
    would: `${verb} ${object}`,
    did: `${past} ${object}`,
  })
  switch (action.do) {
    case 'rollback':
      return both('roll back', 'rolled back', names)
    case 'pause':
      return both('pause', 'paused', `the rollout of ${names}`)
    case 'hold':
      return both('hold', 'held', `the write-back of the flow ${action.flow}`)
    case 'webhook':
      return both('send', 'sent', `the alert to ${action.url}`)
    case 'capture':
      return both('order', 'ordered', `the next ${action.rows} rows of each device for review`)
    case 'shadow':
      return both('start', 'started', `version ${action.challenger} as a shadow in ${names}`)
    default:
      return assertNever(action)
  }
}

/** The reason why nothing was done; undefined if it was done. */
async function perform(hub: Hub, action: MonitorAction, occasion: Occasion): Promise<string | undefined> {
  switch (action.do) {
    case 'rollback':
      return rollBackAll(hub, occasion)
    case 'pause':
      return pauseAll(hub, occasion)
    case 'hold':
      return hold(hub, action, occasion)
    case 'webhook':
      return tell(hub, action, occasion)
    case 'capture':
      return orderCapture(hub, action, occasion)
    case 'shadow':
      return shadowAll(hub, action, occasion)
    default:
      return assertNever(action)
  }
}

async function rollBackAll(hub: Hub, { deployments }: Occasion): Promise<undefined> {
  for (const deployment of deployments) {
    const rolled = await hub.store.transaction((tx) =>
      rollBackDeployment(tx, hub, { deployment, scope: undefined, to: undefined, ifRevision: undefined }),
    )
    publishRollouts(hub, rolled.rolloutIds)
  }
}

const NOTHING_ROLLS = 'no rollout of the version is under way'

async function pauseAll(hub: Hub, { deployments, verdict, monitor }: Occasion): Promise<string | undefined> {
  let paused = 0
  for (const { organisationId, rolloutId } of deployments) {
    const changed = await hub.store.transaction(async (tx) => {
      const rollout = await findRollout(tx, { organisationId, rolloutId })
      if (!rollout || isEnded(rollout.state)) return false
      const reason = `the monitor of ${monitor.model} alerted for version ${verdict.version}`
      const atMs = hub.clock.nowMs()
      const sent = await sendEvents(tx, rollout, [{ kind: 'pause', reason }], atMs)
      if (!sent.ok || !sent.isChanged) return false
      const { state, plan } = sent.rollout
      const wave = plan.waves[state.wave]?.name ?? ''
      const counts = state.waves[state.wave]?.counts
      const detail = { wave, ...(counts && { counts }), reason, ...(await rolloutSubject(tx, rollout)) }
      await appendAudit(tx, {
        organisationId,
        atMs,
        actor: { kind: 'hub', id: '', name: 'hub' },
        action: 'rollout.paused',
        object: { kind: 'rollout', id: rolloutId },
        result: 'ok',
        detail,
      })
      return true
    })
    if (!changed) continue
    publishRollouts(hub, [rolloutId])
    paused += 1
  }
  return paused === 0 ? NOTHING_ROLLS : undefined
}

type ActionOf<Do extends MonitorAction['do']> = Extract<MonitorAction, { do: Do }>

async function hold(hub: Hub, { flow }: ActionOf<'hold'>, { monitor, verdict }: Occasion): Promise<undefined> {
  const { organisation_id, model } = monitor
  const moved = verdict.features.filter(({ state }) => state === 'alert').map(({ feature }) => feature)
  await hub.store.transaction((tx) =>
    insertHold(tx, {
      organisation_id,
      model,
      flow,
      version: verdict.version,
      since_ms: hub.clock.nowMs(),
      reason: `${model}:${verdict.version} alerted: ${moved.slice(0, 3).join(', ') || 'a cohort'} moved`.slice(0, 500),
    }),
  )
  hub.bus.publish('monitors.changed', organisation_id)
}

/** The purpose, the redaction and the time of rows are the decision of a person, so a capture has to be there. */
async function orderCapture(
  hub: Hub,
  { rows }: ActionOf<'capture'>,
  { monitor, verdict: { version } }: Occasion,
): Promise<string | undefined> {
  const { organisation_id: organisationId, model } = monitor
  const order = { version, rows, atMs: hub.clock.nowMs() }
  const isOrdered = await hub.store.transaction((tx) => orderRows(tx, { organisationId, model }, order))
  if (!isOrdered) return noCapture(model)
  hub.bus.publish('captures.changed', organisationId)
  return undefined
}

const isoOf = (ms: number) => new Date(ms).toISOString()

async function tell(
  hub: Hub,
  action: ActionOf<'webhook'>,
  { monitor, verdict }: Occasion,
): Promise<string | undefined> {
  const atMs = hub.clock.nowMs()
  const body = webhookBody(action, { model: monitor.model, verdict, atMs }, isoOf)
  const key = `${monitor.model}/${verdict.version}/${actionName(action)}/${atMs}`
  const read = await tokenOf(hub, monitor.organisation_id, action)
  if ('problem' in read) return read.problem
  const reply = await hub.webhooks.send({ url: action.url, key, body, ...read }, hub.signal)
  if ('error' in reply) return reply.error
  return reply.status >= 200 && reply.status < 300 ? undefined : `the webhook answered ${reply.status}`
}

/** The challenger never serves: people compare it, and decide. */
async function shadowAll(
  hub: Hub,
  { challenger }: ActionOf<'shadow'>,
  { deployments }: Occasion,
): Promise<string | undefined> {
  for (const deployment of deployments) {
    const spec = shadowSpec(deployment.spec, challenger)
    const applied = await hub.store.transaction((tx) =>
      applyDeployment(tx, hub, {
        organisationId: deployment.organisationId,
        nowMs: hub.clock.nowMs(),
        spec,
        choices: undefined,
        ifRevision: deployment.revision,
      }),
    )
    publishRollouts(hub, applied.rolloutIds)
  }
  return undefined
}

function shadowSpec(spec: DeploymentSpec, version: DeploymentSpec['version']): DeploymentSpec {
  const strategy = Strategy.parse({ ...spec.strategy, shadow: { ...spec.strategy.shadow, promote: false } })
  return { ...spec, version, strategy }
}
