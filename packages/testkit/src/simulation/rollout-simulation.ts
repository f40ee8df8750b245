/** Rollout simulation: a rollout of core with its rows in an array; the hub has a table instead. */
import { DeviceId } from '@skerry/contract/values/ids'
import type { ItemOutcome } from '@skerry/core/devices/device-refusal'
import type { MemberChange } from '@skerry/core/rollouts/member-change'
import { offerRank, roomInGroup, unavailableOutcomes } from '@skerry/core/rollouts/offer-budget'
import { type RolloutEvent, step } from '@skerry/core/rollouts/rollout'
import type { Decision } from '@skerry/core/rollouts/rollout-decision'
import { isOffered, type Member, startRollout } from '@skerry/core/rollouts/rollout-state'
import type { RolloutPlan } from '@skerry/core/rollouts/waves'

/** A device's row, as the hub's table has it. */
export type SimulatedRow = Member & {
  id: DeviceId
  isOnline: boolean
  offeredAtMs: number
  group: string
  retries: number
  /** It is to lose the model. */
  isLeaving: boolean
}

const letters = 'abcdefghijklmnopqrstuvwxyz'
/** Every third device is of one group, if a budget needs groups. */
const GROUPS = 3

const idOf = (index: number) =>
  DeviceId.parse(`dev_aaaaaa${letters[Math.floor(index / letters.length)]}${letters[index % letters.length]}`)

/** A rollout over waves of these sizes, after its first step. */
export function simulateRollout(plan: RolloutPlan, sizes: readonly number[]) {
  let nowMs = 0
  let state = startRollout(plan, sizes, nowMs)
  const rows: SimulatedRow[] = []
  const decisions: Decision[] = []
  const refused: string[] = []
  const add = (wave: number) => rows.push(waitingRow(plan, rows.length, wave))
  for (const [wave, size] of sizes.entries()) for (let left = size; left > 0; left--) add(wave)

  const run = (change: MemberChange) => {
    const changed = rowsMeant(rows, change)
    for (const row of changed) Object.assign(row, changeOf(row, change, nowMs))
    return changed.length
  }
  const send = (event: RolloutEvent) => {
    const steps = step(plan, state, event, nowMs)
    let result = steps.next()
    while (!result.done) result = steps.next(run(result.value))
    if (!result.value.ok) return refused.push(result.value.message)
    state = result.value.next
    return decisions.push(...result.value.decisions)
  }
  send({ kind: 'tick' })
  const rowOf = (index: number) => rows[index] as SimulatedRow
  return {
    rows,
    decisions,
    refused,
    rowOf,
    send,
    nowMs: () => nowMs,
    state: () => state,
    outcomes: () => rows.map(({ outcome }) => outcome).join(' '),
    offered: () => rows.flatMap((row, index) => (isOffered(state, row) ? [index] : [])),
    report(index: number, heard: ItemOutcome) {
      const member = { ...rowOf(index) }
      send({ kind: 'report', deviceId: member.id, member, heard })
    },
    /** The reports that a hub reads at once, in this order. */
    reportTogether(reports: readonly (readonly [index: number, heard: ItemOutcome])[]) {
      const said = reports.map(([index, heard]) => {
        const member = { ...rowOf(index) }
        return { kind: 'report' as const, deviceId: member.id, member, heard }
      })
      send({ kind: 'said', said })
    },
    healthy(...indexes: number[]) {
      for (const index of indexes) this.report(index, 'healthy')
    },
    failed(...indexes: number[]) {
      for (const index of indexes) this.report(index, 'failed')
    },
    rejected(...indexes: number[]) {
      for (const index of indexes) this.report(index, 'rejected')
    },
    hold(index: number, untilMs: number) {
      send({ kind: 'hold', deviceId: rowOf(index).id, member: { ...rowOf(index) }, untilMs })
    },
    tick(ms: number) {
      nowMs += ms
      send({ kind: 'tick' })
    },
    join(wave: number) {
      add(wave)
      send({ kind: 'join', wave })
    },
    leave(index: number) {
      const [row] = rows.splice(index, 1)
      if (row) send({ kind: 'leave', member: { wave: row.wave, outcome: row.outcome } })
    },
  }
}

const waitingRow = ({ waves }: RolloutPlan, index: number, wave: number): SimulatedRow => ({
  id: idOf(index),
  wave,
  isLeaving: waves[wave]?.isRemoval === true,
  outcome: 'waiting',
  isOnline: true,
  offeredAtMs: 0,
  group: String(index % GROUPS),
  retries: 0,
})

function changeOf(
  { retries, wave }: SimulatedRow,
  { to, retry, heldUntilMs, toWave = wave }: MemberChange,
  nowMs: number,
): Partial<SimulatedRow> {
  if (heldUntilMs !== undefined) return { heldUntilMs }
  if (retry?.kind === 'later') return { retries: retries + 1, retryAtMs: retry.atMs }
  const asked = to === 'offered' && { offeredAtMs: nowMs, heldUntilMs: undefined }
  return { outcome: to, wave: toWave, retryAtMs: undefined, ...asked }
}

function rowsMeant(rows: readonly SimulatedRow[], { wave, from, which }: MemberChange): SimulatedRow[] {
  const candidates = rows.filter((row) => row.wave === wave && row.outcome === from)
  return which.kind === 'next' ? nextOf(rows, candidates, which) : candidates.filter((row) => isMeant(row, which))
}

const isMeant = (row: SimulatedRow, which: MemberChange['which']) =>
  which.kind === 'all' ||
  (which.kind === 'offline' && !row.isOnline) ||
  (which.kind === 'device' && row.id === which.deviceId) ||
  (which.kind === 'retry-until' && (row.retryAtMs ?? Number.POSITIVE_INFINITY) <= which.atMs) ||
  (which.kind === 'offered-until' && isOverdue(row, which) && row.retryAtMs === undefined)

const isOverdue = ({ offeredAtMs, heldUntilMs = 0 }: SimulatedRow, { atMs, anywayAtMs }: Overdue) =>
  Math.max(offeredAtMs, heldUntilMs) <= atMs || offeredAtMs <= anywayAtMs

type Overdue = Extract<MemberChange['which'], { kind: 'offered-until' }>
type Next = Extract<MemberChange['which'], { kind: 'next' }>

function nextOf(rows: readonly SimulatedRow[], candidates: readonly SimulatedRow[], { atMost, budget }: Next) {
  const taken = new Map<string, number>()
  const isRoom = ({ group }: SimulatedRow) => {
    const used = taken.get(group) ?? 0
    const isTaken = budget === undefined || used < roomInGroup(budget, countGroup(rows, group))
    if (isTaken) taken.set(group, used + 1)
    return isTaken
  }
  const rank = ({ isOnline }: SimulatedRow) => offerRank({ isConnected: isOnline })
  return candidates
    .toSorted((a, b) => rank(a) - rank(b))
    .filter(isRoom)
    .slice(0, atMost)
}

/** The counts of a group for a budget. */
export function countGroup(rows: readonly SimulatedRow[], group: string): { size: number; unavailable: number } {
  const members = rows.filter((row) => row.group === group)
  const unavailable = members.filter((row) => unavailableOutcomes(row).includes(row.outcome)).length
  return { size: members.length, unavailable }
}
