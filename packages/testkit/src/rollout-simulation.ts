/** Rollout simulation: a rollout of core with its rows in an array, where the hub has a table. */
import { DeviceId } from '@skerry/contract/ids'
import { type Decision, type MemberChange, type RolloutEvent, step } from '@skerry/core/rollout'
import { isOffered, type Member, startRollout } from '@skerry/core/rollout-state'
import type { RolloutPlan } from '@skerry/core/waves'

/** A device's row, as the hub's table has it. */
export type SimulatedRow = Member & { id: DeviceId; isOnline: boolean; offeredAtMs: number }

const letters = 'abcdefghijklmnopqrstuvwxyz'
const idOf = (index: number) => DeviceId.parse(`dev_aaaaaaa${letters[index]}`)

/** A rollout over waves of these sizes, after its first step. */
export function simulateRollout(plan: RolloutPlan, sizes: readonly number[]) {
  let nowMs = 0
  let state = startRollout(sizes, nowMs)
  const rows: SimulatedRow[] = []
  const decisions: Decision[] = []
  const refused: string[] = []
  const add = (wave: number) =>
    rows.push({ id: idOf(rows.length), wave, outcome: 'waiting', isOnline: true, offeredAtMs: 0 })
  for (const [wave, size] of sizes.entries()) for (let left = size; left > 0; left--) add(wave)

  const run = ({ wave, from, to, which }: MemberChange) => {
    const changed = rows.filter((row) => row.wave === wave && row.outcome === from && isMeant(row, which))
    for (const row of changed) Object.assign(row, { outcome: to }, to === 'offered' ? { offeredAtMs: nowMs } : {})
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
    state: () => state,
    outcomes: () => rows.map(({ outcome }) => outcome).join(' '),
    offered: () => rows.flatMap((row, index) => (isOffered(state, row) ? [index] : [])),
    report(index: number, heard: 'healthy' | 'failed') {
      const { id, wave, outcome } = rowOf(index)
      send({ kind: 'report', deviceId: id, member: { wave, outcome }, heard })
    },
    healthy(...indexes: number[]) {
      for (const index of indexes) this.report(index, 'healthy')
    },
    failed(...indexes: number[]) {
      for (const index of indexes) this.report(index, 'failed')
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

const isMeant = (row: SimulatedRow, which: MemberChange['which']) =>
  which.kind === 'all' ||
  (which.kind === 'offline' && !row.isOnline) ||
  (which.kind === 'device' && row.id === which.deviceId) ||
  (which.kind === 'offered-until' && row.offeredAtMs <= which.atMs)
