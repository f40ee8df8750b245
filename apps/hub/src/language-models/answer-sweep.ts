/**
 * Answer sweep: the speeds and the invalid answers of language models, as gauges for Prometheus and as series of each
 * device. They come from reports, so that devices send nothing more.
 */
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import type { Hub } from '../hub.ts'
import { keepDerived } from '../telemetry/take-telemetry.ts'
import { type AnsweringModel, answeringModels } from './answering-models.ts'

/** A point of the series each five minutes: a month of one model has 9,000. */
const SERIES_MS = 300_000

/** Four signals of one model in the telemetry of a device. */
const FIGURES = [
  ['answers', undefined],
  ['tokensPerSecond', '1/s'],
  ['firstTokenMs', 'ms'],
  ['invalidShare', undefined],
] as const

const signalOf = (model: string, figure: string) => `language/${model}/${figure}`

type SweptHub = Pick<Hub, 'store' | 'clock' | 'metrics' | 'signal'>

/** Returns the number of models that have got a point. */
export async function sweepAnswers(hub: SweptHub): Promise<number> {
  const models = await answeringModels(hub.store.db, { nowMs: hub.clock.nowMs() })
  setGauges(hub, models)
  let kept = 0
  for (const model of models) {
    hub.signal.throwIfAborted()
    if (await isDue(hub, model)) {
      await keepPoint(hub, model)
      kept += 1
    }
  }
  return kept
}

/** Replaces the figures of the sweep before: models that are gone have none. */
function setGauges({ metrics }: Pick<Hub, 'metrics'>, models: readonly AnsweringModel[]): void {
  const { languageTokens, languageFirstToken, languageInvalid, languageAnswers } = metrics
  const gauges = [languageTokens, languageFirstToken, languageInvalid, languageAnswers]
  for (const gauge of gauges) gauge.reset()
  for (const one of models) {
    const { organisationId: organisation, device, model, version } = one
    const labels = { organisation, device, model, version: String(version) }
    languageAnswers.set(labels, one.answers)
    if (one.tokensPerSecond !== undefined) languageTokens.set(labels, one.tokensPerSecond)
    if (one.firstTokenMs !== undefined) languageFirstToken.set(labels, one.firstTokenMs / 1_000)
    if (one.invalidShare !== undefined) languageInvalid.set(labels, one.invalidShare)
  }
}

/** A model that has not answered since its last point has nothing new. */
async function isDue({ store, clock }: SweptHub, { deviceId, model, answers }: AnsweringModel): Promise<boolean> {
  if (answers === 0) return false
  const newest = await store.db
    .selectFrom('telemetry_signals')
    .select(['newest_at_ms', 'newest_number'])
    .where('device_id', '=', deviceId)
    .where('signal', '=', signalOf(model, 'answers'))
    .executeTakeFirst()
  if (!newest) return true
  return newest.newest_number !== answers && newest.newest_at_ms <= clock.nowMs() - SERIES_MS
}

async function keepPoint(hub: SweptHub, model: AnsweringModel): Promise<void> {
  const eventTimeMs = hub.clock.nowMs()
  const values = FIGURES.flatMap(([figure, unit]): SinkValue[] => {
    const value = model[figure]
    if (value === undefined) return []
    const signal = signalOf(model.model, figure)
    return [{ signal, eventTimeMs, quality: 'good', value, ...(unit && { unit }) }]
  })
  await keepDerived(hub, model, values)
}
