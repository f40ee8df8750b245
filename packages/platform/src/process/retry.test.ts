import { expect, test } from 'vitest'
import { type RetryOptions, retry } from './retry.ts'

type Answer = { ok: boolean; waitMs?: number }

/** Retries over the given answers, without waiting; gives the last one and the waits. */
async function play(answers: Answer[], changes: Partial<RetryOptions<Answer>> = {}) {
  const waits: number[] = []
  const left = [...answers]
  const attempt = async () => left.shift() ?? { ok: false }
  const clock = { sleep: async (ms: number) => void waits.push(ms) }
  const options = {
    attemptsMax: 4,
    baseMs: 100,
    maxMs: 1000,
    clock,
    random: () => 0.5,
    isRetryable: (a: Answer) => !a.ok,
  }
  const last = await retry(attempt, { ...options, ...changes }, new AbortController().signal)
  return { last, waits, tries: answers.length - left.length }
}
const fails: Answer = { ok: false }

test('goes on until it works, waiting longer each time', async () => {
  expect(await play([fails, fails, { ok: true }, fails])).toEqual({ last: { ok: true }, waits: [50, 100], tries: 3 })
})

test('gives up with the last answer', async () => {
  expect(await play([fails, fails, fails, fails, fails])).toEqual({ last: fails, waits: [50, 100, 200], tries: 4 })
})

test('progress starts the count anew', async () => {
  let calls = 0
  const hasProgressed = () => ++calls === 3
  expect(await play([fails, fails, fails, fails, fails, { ok: true }], { hasProgressed })).toMatchObject({
    last: { ok: true },
    waits: [50, 100, 50, 100, 200],
  })
})

test('waits as long as the answer says, if that is longer', async () => {
  const waitMs = ({ waitMs }: Answer) => waitMs
  expect(await play([{ ok: false, waitMs: 700 }, { ok: false, waitMs: 1 }, { ok: true }], { waitMs })).toMatchObject({
    waits: [700, 100],
  })
})

test('what is thrown is thrown on, and a signal ends it before the next try', async () => {
  const boom = () => Promise.reject(new Error('broken'))
  const options = { attemptsMax: 3, baseMs: 1, maxMs: 1, random: () => 0, isRetryable: () => true }
  const clock = { sleep: () => Promise.resolve() }
  await expect(retry(boom, { ...options, clock }, new AbortController().signal)).rejects.toThrow('broken')
  const stop = new AbortController()
  let tries = 0
  const attempt = async () => {
    tries += 1
    stop.abort(new Error('stop'))
  }
  await expect(retry(attempt, { ...options, clock }, stop.signal)).rejects.toThrow('stop')
  expect(tries).toBe(1)
})
