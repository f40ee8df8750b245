/** Place view: the decision of a placement policy, and the answer to a what-if, as tables. */
import type { PlacedDevice, PlacementCost, PlacementDecision, WhatIfAnswer } from '@skerry/contract/places/placement'
import { placementWords } from '@skerry/core/places/place-text'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, countText } from '../../program/terminal/words.ts'

export function decisionText(decision: PlacementDecision, style: Style, nowMs: number): string {
  const { deployment, policy, wanted, unmet, cost, counts, unselected, devices } = decision
  const facts = factsOf(style, [
    ['deployment', deployment],
    ['policy', placementWords(policy)],
    [
      'replicas',
      `${wanted} wanted, ${wanted - unmet} placed${unmet > 0 ? style.yellow(`, ${unmet} without a device`) : ''}`,
    ],
    ['cost', cost && costText(cost)],
    [
      'devices',
      Object.entries(counts)
        .map(([verdict, count]) => `${count} ${verdict}`)
        .join(', '),
    ],
    ['not selected', unselected === 0 ? undefined : countText(unselected, 'device')],
  ])
  const table = tableOf(
    style,
    ['DEVICE', 'SITE', 'COUNTRY', 'VERDICT', 'SCORE', 'SINCE', 'WHY'],
    devices.map(({ device, site, country, verdict, score, sinceMs, reason }) => [
      device,
      site,
      country,
      verdict,
      score,
      sinceMs === undefined ? '' : agoText(sinceMs, nowMs),
      reason,
    ]),
    'no device; see "skerry deployment explain"',
  )
  return `${facts}\n\n${table}`
}

/** Undefined if no replica states a cost. */
function costText({ perHour, unpriced }: PlacementCost): string | undefined {
  if (perHour === 0 && unpriced > 0) return undefined
  return `${perHour} per hour${unpriced > 0 ? `, and ${countText(unpriced, 'replica')} without a stated cost` : ''}`
}

export function whatIfText(answer: WhatIfAnswer, style: Style): string {
  const { wanted, unmetNow, unmetThen, costNow, costThen, gained, lost } = answer
  const rows = (sign: string, devices: readonly PlacedDevice[]) =>
    devices.map(({ device, site, reason }) => [sign, device, site, reason])
  const table = tableOf(
    style,
    ['', 'DEVICE', 'SITE', 'WHY'],
    [...rows('+', gained), ...rows('-', lost)],
    'no device would gain or lose a replica',
  )
  const before = `${countText(unmetNow, 'replica')} without a device now`
  const cost = costNow && costText(costNow)
  const costs =
    cost === undefined && !costThen?.perHour
      ? ''
      : `\ncost: ${cost ?? 'unknown'} now, ${(costThen && costText(costThen)) ?? 'unknown'} then`
  return `${table}\n\n${countText(wanted, 'replica')} wanted; ${before}, ${unmetThen} then${costs}`
}
