import { expect, test } from 'vitest'
import { openLeaseGate, WRITE_ROOM_MS, writeWithin } from './lease-gate.ts'

const never = new AbortController().signal

function gateAt(nowMs: number) {
  const at = { nowMs }
  return { at, gate: openLeaseGate(undefined, () => at.nowMs) }
}

test('a device in no pair may always write', () => {
  const { gate } = gateAt(1e12)
  expect(gate.epoch()).toBe(0)
  expect(gate.remainingMs()).toBe(Number.POSITIVE_INFINITY)
})

test('a write begins only if it can arrive before the lease ends, and the clock alone closes the gate', () => {
  const { at, gate } = gateAt(1_000)
  gate.become({ untilMs: 3_000, epoch: 7 })
  expect(gate.epoch()).toBe(7)
  at.nowMs = 3_000 - WRITE_ROOM_MS
  expect(gate.epoch()).toBeUndefined()
  gate.become({ untilMs: 5_000, epoch: 7 })
  expect(gate.epoch()).toBe(7)
  gate.become(undefined)
  at.nowMs = 1e12
  expect(gate.epoch()).toBe(0)
})

test('threads that share the memory see the same lease', () => {
  const { gate } = gateAt(1_000)
  const other = openLeaseGate(gate.memory, () => 1_000)
  gate.become({ untilMs: 3_000, epoch: 3 })
  expect(other.epoch()).toBe(3)
  gate.become({ untilMs: 0, epoch: 3 })
  expect(other.epoch()).toBeUndefined()
})

test('a closed gate starts no write', async () => {
  const { gate } = gateAt(1_000)
  gate.become({ untilMs: 1_100, epoch: 1 })
  let begun = 0
  const outcome = await writeWithin(gate, async () => (begun += 1), never)
  expect(outcome).toEqual({ kind: 'closed' })
  expect(begun).toBe(0)
})

test('a write that is under way when the lease ends is given up', async () => {
  // The time stands still until the write is under way.
  let begunMs: number | undefined
  const gate = openLeaseGate(undefined, () => (begunMs === undefined ? 0 : performance.now() - begunMs))
  gate.become({ untilMs: WRITE_ROOM_MS + 100, epoch: 1 })
  let wasAborted = false
  const write = (signal: AbortSignal) => {
    begunMs = performance.now()
    return new Promise<never>(() => signal.addEventListener('abort', () => (wasAborted = true)))
  }
  const outcome = await writeWithin(gate, write, never)
  expect(outcome).toEqual({ kind: 'late' })
  expect(wasAborted).toBe(true)
})

test('a renewed lease lets a slow write finish', async () => {
  const at = { nowMs: 0 }
  const gate = openLeaseGate(undefined, () => at.nowMs)
  gate.become({ untilMs: WRITE_ROOM_MS + 20, epoch: 1 })
  const finish = Promise.withResolvers<string>()
  const writing = writeWithin(gate, () => finish.promise, never)
  gate.become({ untilMs: 60_000, epoch: 1 })
  at.nowMs = WRITE_ROOM_MS + 30
  finish.resolve('written')
  expect(await writing).toEqual({ kind: 'done', result: 'written' })
})

test('after a pause, a write of several requests sends no further one, though no timer has fired yet', async () => {
  const { at, gate } = gateAt(1_000)
  gate.become({ untilMs: 3_000, epoch: 1 })
  const answer = Promise.withResolvers<void>()
  let sent = 0
  const writing = writeWithin(
    gate,
    async (signal) => {
      expect(signal.aborted).toBe(false)
      await answer.promise
      signal.throwIfAborted()
      sent += 1
    },
    never,
  )
  at.nowMs = 3_000
  answer.resolve()
  expect(await writing).toEqual({ kind: 'late' })
  expect(sent).toBe(0)
})
