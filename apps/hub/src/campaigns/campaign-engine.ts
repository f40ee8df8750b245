/**
 * Campaign engine: carries out the next work of each campaign, which it derives from the stored course. After a crash it
 * does the same work again: blobs are named by their content, and an event counts once.
 */
import { staleMaxOf } from '@skerry/core/campaigns/buffered'
import { isFinalRound, nextWork } from '@skerry/core/campaigns/course'
import { ENGINE_IDLE_MS, startEngine } from '../engine-loop.ts'
import { isProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import { isStoreUnavailable } from '../store/store-errors.ts'
import type { CampaignTable } from '../store/tables/learning/campaign-tables.ts'
import { refillBuffer, stepBuffer, watchBuffer } from './buffered-round.ts'
import { advanceCampaign, liveCampaigns } from './campaign-store.ts'
import { publishResult } from './publish-campaign.ts'
import { aggregateRound, collectReports, type RunningCampaign, selectParticipants } from './run-round.ts'
import { finishSurvey } from './surveys/finish-survey.ts'
import { surveyIn } from './surveys/survey-store.ts'

/** A campaign that waits for devices or for a deadline is looked at so often. */
const LOOK_MS = 1_000

/** Starts the engine; it stops when it is disposed. */
export function startCampaignEngine(hub: Hub): AsyncDisposable {
  const next = async (signal: AbortSignal) => ((await pass(hub, signal)) ? LOOK_MS : ENGINE_IDLE_MS)
  return startEngine(hub, { name: 'campaign', event: 'campaign.changed', pass: next })
}

/** True if a campaign is under way. */
async function pass(hub: Hub, signal: AbortSignal): Promise<boolean> {
  let isBusy = false
  for (const row of await liveCampaigns(hub.store.db)) {
    signal.throwIfAborted()
    const running = { row, spec: fromJson(row.spec), course: fromJson(row.course) }
    if (nextWork(running.course) === 'rest') continue
    isBusy = true
    await step(hub, running, signal).catch((error: unknown) => fail(hub, row, error, signal))
  }
  return isBusy
}

function step(hub: Hub, it: RunningCampaign, signal: AbortSignal): Promise<void> {
  switch (nextWork(it.course)) {
    case 'select':
      return isBuffered(it) ? refillBuffer(hub, it) : selectParticipants(hub, it)
    case 'collect':
      return isBuffered(it) ? watchBuffer(hub, it) : collectReports(hub, it)
    case 'aggregate': {
      const survey = surveyIn(it.row)
      if (survey) return finishSurvey(hub, { ...it, survey }, signal)
      return isBuffered(it) ? stepBuffer(hub, it, signal) : aggregateRound(hub, it, signal)
    }
    case 'publish':
      return publishResult(hub, it, signal)
    case 'rest':
      return Promise.resolve()
  }
}

/** Whether the devices of the round do not wait for each other. In the last round, which only evaluates, they wait. */
const isBuffered = ({ spec, course }: RunningCampaign) => staleMaxOf(spec) !== undefined && !isFinalRound(course)

/** A rejection by the hub's own rules stays: a person must act. Other errors may go away by themselves. */
async function fail(hub: Hub, row: CampaignTable, error: unknown, signal: AbortSignal): Promise<void> {
  if (signal.aborted || isStoreUnavailable(error)) throw error
  hub.log.error('campaign_step_failed', { campaign: row.name, error })
  if (!isProblem(error) || error.status >= 500 || error.status === 429) return
  const event = { kind: 'failed', reason: error.message.slice(0, 1_000), nowMs: hub.clock.nowMs() } as const
  await hub.store.transaction((tx) => advanceCampaign(tx, row.id, event))
  hub.bus.publish('campaign.changed', row.id)
}
