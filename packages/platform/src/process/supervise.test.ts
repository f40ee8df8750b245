import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { supervise, whenThreadEnds } from './supervise.ts'

/** Time passes where somebody waits, and nowhere else. */
function clockOf() {
  const sleeps: number[] = []
  let atMs = 0
  const clock = {
    nowMs: () => atMs,
    monotonicMs: () => atMs,
    async sleep(ms: number, signal: AbortSignal) {
      signal.throwIfAborted()
      sleeps.push(ms)
      atMs += ms
    },
  }
  const pass = (ms: number) => {
    atMs += ms
  }
  return { clock, sleeps, pass }
}

test('what ends again and again is begun anew ever later, and left alone after the fifth time', async () => {
  const { clock, sleeps } = clockOf()
  const ends: string[] = []
  let runs = 0
  const supervision = supervise(
    {
      async run() {
        runs += 1
        return `end ${runs}`
      },
      onEnd: (kind, cause) => void ends.push(`${kind}: ${cause}`),
    },
    { clock, random: () => 1 },
    new AbortController().signal,
  )
  await supervision.over
  expect(ends).toEqual(['crashed: end 1', 'crashed: end 2', 'crashed: end 3', 'crashed: end 4', 'quarantined: end 5'])
  expect(sleeps).toEqual(sleeps.toSorted((a, b) => a - b))
  expect(sleeps).toHaveLength(4)
  expect(supervision.crashes()).toBe(5)
})

test('ends that are ten minutes apart are forgiven; one that was asked for is none', async () => {
  const { clock, pass } = clockOf()
  const stop = new AbortController()
  let runs = 0
  const kinds: string[] = []
  const supervision = supervise(
    {
      async run() {
        pass(600_000)
        runs += 1
        if (runs === 20) stop.abort()
      },
      onEnd: (kind) => void kinds.push(kind),
    },
    { clock, random: () => 0 },
    stop.signal,
  )
  await supervision.over
  expect(kinds).toEqual(Array.from({ length: 19 }, () => 'crashed'))
  expect(supervision.crashes()).toBeLessThanOrEqual(1)
})

test('a thread says at its end what it threw', async () => {
  expect(await whenThreadEnds(new Worker('throw new Error("the plug was pulled")', { eval: true }))).toBe(
    'the plug was pulled',
  )
  expect(await whenThreadEnds(new Worker('', { eval: true }))).toBe('its thread ended')
})
