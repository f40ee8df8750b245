/** Pair standing: the state of a pair as the hub derives it from the reports of its three devices. */
import type { PairReport } from '@skerry/contract/held/pairs'
import type { Pair, PairState } from '@skerry/contract/pairs/pair'

export type PairFacts = {
  device: string
  isConnected: boolean
  /** Of this pair; absent before the first one. */
  report?: PairReport | undefined
}

export type PairStanding = Pick<Pair, 'state' | 'problems' | 'active'>

/**
 * The active one is the device with the newest epoch among the devices that report to be active. A device that lost its connection may
 * have lost the lease too: its last report counts only until the other one reports a newer epoch.
 */
export function pairStanding(members: readonly [PairFacts, PairFacts], witness: PairFacts): PairStanding {
  const devices = [...members, witness]
  const claims = members.filter(({ report }) => report?.role === 'active')
  // A passive one may have voted for a newer epoch under which nobody became active.
  const newestEpoch = Math.max(0, ...claims.map(({ report }) => report?.epoch ?? 0))
  const holder = claims
    .filter(({ report }) => report?.epoch === newestEpoch)
    .toSorted((one, other) => Number(other.isConnected) - Number(one.isConnected))[0]
  const active = holder && activeOf(holder)
  const problems = [
    ...devices.flatMap(({ device, isConnected, report }) => {
      if (!report) return [`${device} has not taken up its part yet`]
      return isConnected ? [] : [`the hub has no connection to ${device}`]
    }),
    ...members.flatMap(({ device, report }) => [
      ...(report?.unreached.length ? [`${device} cannot reach ${report.unreached.join(' and ')}`] : []),
      ...(report?.problem === undefined ? [] : [`${device}: ${report.problem}`]),
    ]),
  ]
  return {
    state: stateOf({ devices, active, problems }),
    problems: problems.slice(0, PROBLEMS_MAX),
    ...(active && { active }),
  }
}

/** Two for each device, and some more. */
const PROBLEMS_MAX = 8

function activeOf({ device, report }: PairFacts): Pair['active'] {
  if (!report) return undefined
  const { epoch, sinceMs, reason = 'start' } = report
  return { device, epoch: Math.max(1, epoch), sinceMs, reason }
}

type Judged = { devices: readonly PairFacts[]; active: Pair['active']; problems: readonly string[] }

function stateOf({ devices, active, problems }: Judged): PairState {
  if (devices.every(({ report }) => !report)) return 'unknown'
  if (!active) return 'none-active'
  return problems.length === 0 ? 'protected' : 'unprotected'
}
