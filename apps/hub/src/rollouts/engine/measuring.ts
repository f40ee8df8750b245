/**
 * Measuring: takes the due measurements of rollouts' analyses. The rollouts' states have the due times, and a
 * measurement counts for its due time only. So if a hub dies in between, it measures again and counts once.
 *
 * The hub reads its own measures and applies them one after the other. A webhook may be slow: the hub sends its request
 * in parallel, outside of any transaction, and applies the answer when it arrives.
 */
import type { Measurement } from '@skerry/contract/deployments/analysis'
import { gapOfWave, judgeTaken, measureWave, type Taken } from '@skerry/core/analysis/analysis-conditions'
import type { WaveFacts } from '@skerry/core/analysis/analysis-measures'
import type { RolloutEvent } from '@skerry/core/rollouts/rollout'
import { type DueAnalysis, dueAnalyses } from '@skerry/core/rollouts/rollout-analysis'
import type { Tx } from '../../store/store.ts'
import { sendEvents } from '../rollout-step.ts'
import { findRollout, findRolloutView, type RolloutRecord, unendedRollouts } from '../rollout-store.ts'
import { type EngineHub, forRollout } from './engine-work.ts'
import { gateQuestion } from './gate-question.ts'
import { factsOfWave } from './wave-facts.ts'

export type Measuring = AsyncDisposable & {
  /** Takes the due measurements now. Resolves without waiting for webhooks. */
  takeDue(): Promise<void>
}

/** Simultaneous requests to webhooks; the others follow at the next pass. Each holds a connection and up to 64 KiB. */
const ASKED_MAX = 16

/** No measurement begins after it is disposed. */
export function createMeasuring(hub: EngineHub): Measuring {
  const stop = new AbortController()
  const asked = new Map<string, Promise<void>>()
  const ask = (rollout: RolloutRecord, due: DueAnalysis) => {
    const key = `${rollout.id}/${due.wave}/${due.name}`
    if (asked.has(key) || asked.size >= ASKED_MAX) return
    const answered = askAndTell(hub, rollout, due, stop.signal).finally(() => asked.delete(key))
    asked.set(key, answered)
  }
  return {
    async takeDue() {
      const nowMs = hub.clock.nowMs()
      for (const rollout of await unendedRollouts(hub.store.db)) {
        const due = dueAnalyses(rollout.plan, rollout.state, nowMs)
        for (const one of due.filter(isWebhook)) ask(rollout, one)
        const own = due.filter((one) => !isWebhook(one))
        if (own.length > 0) await measureOwn(hub, rollout, own)
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all(asked.values())
    },
  }
}

const isWebhook = ({ analysis: { measure } }: DueAnalysis) => typeof measure === 'object' && 'webhook' in measure

async function measureOwn(hub: EngineHub, rollout: RolloutRecord, due: readonly DueAnalysis[]): Promise<void> {
  const waves = new Set(due.map(({ wave }) => wave))
  for (const wave of waves) {
    const atMs = hub.clock.nowMs()
    try {
      const facts = await factsOfWave(hub.store.db, rollout, wave)
      const taken = due
        .filter((one) => one.wave === wave)
        .map((one) => ({ due: one, taken: { dueAtMs: one.dueAtMs, atMs, ...measured(one, facts) } }))
      await forRollout(hub, rollout.id, (tx) => tell(tx, rollout, taken, atMs))
    } catch (error) {
      // The others are measured nevertheless; this one is still due at the next pass.
      hub.log.error('wave_not_measured', { rolloutId: rollout.id, wave, error })
    }
  }
}

const measured = ({ analysis }: DueAnalysis, facts: WaveFacts) => ({
  result: measureWave(analysis, facts),
  gap: gapOfWave(analysis, facts),
})

async function askAndTell(
  hub: EngineHub,
  rollout: RolloutRecord,
  due: DueAnalysis,
  signal: AbortSignal,
): Promise<void> {
  const { measure } = due.analysis
  if (typeof measure !== 'object' || !('webhook' in measure)) return
  const { id: rolloutId, organisation_id: organisationId } = rollout
  const view = await findRolloutView(hub.store.db, { organisationId, rolloutId }).catch(() => undefined)
  if (!view) return
  const answer = await hub.webhooks.ask({ url: measure.webhook, ...gateQuestion(view, due) }, signal)
  if (signal.aborted) return
  const atMs = hub.clock.nowMs()
  await forRollout(hub, rolloutId, (tx) =>
    tell(tx, rollout, [{ due, taken: { dueAtMs: due.dueAtMs, atMs, ...answer } }], atMs),
  )
}

type TakenOf = { due: DueAnalysis; taken: Taken }

/** Reads the rollout again, because it may have continued or ended during the measurement. */
async function tell(tx: Tx, { id, organisation_id }: RolloutRecord, measurements: readonly TakenOf[], nowMs: number) {
  const rollout = await findRollout(tx, { organisationId: organisation_id, rolloutId: id })
  if (!rollout) return []
  const events = measurements.map(({ due, taken }): RolloutEvent => {
    const measurement: Measurement = judgeTaken(due.analysis, taken)
    return { kind: 'measured', wave: due.wave, analysis: due.name, measurement }
  })
  const sent = await sendEvents(tx, rollout, events, nowMs)
  return sent.ok && sent.isChanged ? [id] : []
}
