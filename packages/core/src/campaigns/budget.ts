/**
 * Budget: the ε of differential privacy that a campaign has spent. Rounds can differ in the probability with which a
 * device takes part, because devices come and go.
 */
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { CampaignNoise } from '@skerry/contract/campaigns/noise'
import type { DeviceId } from '@skerry/contract/values/ids'
import { spentByRounds } from '../privacy/accountant.ts'
import { type Chance, chooseParticipants, drawEach, wantedCount } from './choose.ts'

/** Rounds in which a device took part with the same probability. */
export type SpentRounds = { sampleRate: number; rounds: number }

/** Rates are rounded up to these parts of one, so that the record of a long campaign stays short. */
const RATE_PARTS = 1_000

/** The probability with which one of so many devices takes part in a round. */
export const sampleRateOf = (spec: Pick<CampaignSpec, 'participants'>, ready: number): number =>
  Math.min(1, Math.ceil((wantedCount(spec) / Math.max(1, ready)) * RATE_PARTS) / RATE_PARTS)

/** Draws that have too few devices are repeated so often. Then all devices take part. */
const DRAWS_MAX = 20

export type RoundChoice = { devices: DeviceId[]; sampleRate: number }

/** Each device takes part by itself with one probability, because the accountant assumes that. */
export function drawRound(
  spec: Pick<CampaignSpec, 'participants'>,
  ready: readonly DeviceId[],
  chance: Chance,
): RoundChoice {
  const sampleRate = sampleRateOf(spec, ready.length)
  for (let draw = 0; draw < DRAWS_MAX && sampleRate < 1; draw += 1) {
    const devices = drawEach(ready, sampleRate, { ...chance, draw })
    if (devices.length >= spec.participants.minimum) return { devices, sampleRate }
  }
  return { devices: chooseParticipants(ready, ready.length, chance), sampleRate: 1 }
}

/** The record with one round more. */
export function spendRound(spent: readonly SpentRounds[], sampleRate: number): SpentRounds[] {
  const known = spent.find((one) => one.sampleRate === sampleRate)
  if (!known) return [...spent, { sampleRate, rounds: 1 }]
  return spent.map((one) => (one === known ? { ...one, rounds: one.rounds + 1 } : one))
}

/** The ε of these rounds, at the δ of the noise. */
export const epsilonOf = (
  { multiplier, delta }: Pick<CampaignNoise, 'multiplier' | 'delta'>,
  spent: readonly SpentRounds[],
): number =>
  spentByRounds(
    spent.map((one) => ({ ...one, noiseMultiplier: multiplier })),
    delta,
  ).epsilon

/** Whether one round more would spend more than the budget. */
export function isOverBudget(noise: CampaignNoise, spent: readonly SpentRounds[], sampleRate: number): boolean {
  return noise.epsilonMax !== undefined && epsilonOf(noise, spendRound(spent, sampleRate)) > noise.epsilonMax
}
