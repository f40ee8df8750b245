/** Place view: the decision of a placement policy, and the answer to a what-if, as tables. */
import type { PlacedDevice, PlacementDecision, WhatIfAnswer } from '@skerry/contract/places/placement'
import { placementWords } from '@skerry/core/places/place-text'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, countText } from '../../program/terminal/words.ts'

export function decisionText(decision: PlacementDecision, style: Style, nowMs: number): string {
  const { deployment, policy, wanted, unmet, counts, unselected, devices } = decision
  const facts = factsOf(style, [
    ['deployment', deployment],
    ['policy', placementWords(policy)],
    [
      'replicas',
      `${wanted} wanted, ${wanted - unmet} placed${unmet > 0 ? style.yellow(`, ${unmet} without a device`) : ''}`,
    ],
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

export function whatIfText({ wanted, unmetNow, unmetThen, gained, lost }: WhatIfAnswer, style: Style): string {
  const rows = (sign: string, devices: readonly PlacedDevice[]) =>
    devices.map(({ device, site, reason }) => [sign, device, site, reason])
  const table = tableOf(
    style,
    ['', 'DEVICE', 'SITE', 'WHY'],
    [...rows('+', gained), ...rows('-', lost)],
    'no device would gain or lose a replica',
  )
  const before = `${countText(unmetNow, 'replica')} without a device now`
  return `${table}\n\n${countText(wanted, 'replica')} wanted; ${before}, ${unmetThen} then`
}
