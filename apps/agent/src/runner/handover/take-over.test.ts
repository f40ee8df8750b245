import { createEventClock } from '@skerry/testkit/simulation/event-clock'
import { expect, test } from 'vitest'
import type { RunnerOrder } from '../runner-message.ts'
import { createTakeOver, TURN_MAX_MS } from './take-over.ts'

const signal = new AbortController().signal

/** Whether the turn has come after the events of one second. */
async function begin(isServed: () => boolean = () => true, names: readonly string[] = ['pump', 'valve']) {
  const clock = createEventClock(0)
  const it = createTakeOver(
    [...names.map((name) => ({ name, version: '1' })), { name: 'broken', version: '1', reason: 'it crashed' }],
    clock,
  )
  let isTurn = false
  void it.turn(isServed, signal).then(() => {
    isTurn = true
  })
  const at = async (ms: number) => {
    while (clock.monotonicMs() < ms && (await clock.next()));
    await new Promise(setImmediate)
    return isTurn
  }
  return { obeyed: it.obeyed, at }
}

const activate = (name: string): RunnerOrder => ({ kind: 'activate', slot: 's', name, version: '1' })

test('the turn comes with the last model that should serve; a model that is away for longer does not count', async () => {
  const it = await begin()
  expect(await it.at(1_000)).toBe(false)
  it.obeyed(activate('pump'))
  expect(await it.at(2_000)).toBe(false)
  it.obeyed(activate('valve'))
  expect(await it.at(3_000)).toBe(true)
})

test('a model that is removed, or that broke meanwhile, is not waited for', async () => {
  const it = await begin()
  it.obeyed({ kind: 'deactivate', name: 'pump' })
  it.obeyed({ kind: 'expect', model: { name: 'valve', version: '1', reason: 'it crashed' } })
  expect(await it.at(1_000)).toBe(true)
})

test('the turn comes when the earlier runner has ended', async () => {
  let isServed = true
  const it = await begin(() => isServed)
  expect(await it.at(1_000)).toBe(false)
  isServed = false
  expect(await it.at(2_000)).toBe(true)
})

test('a model that cannot be loaded holds the others up for a limited time only', async () => {
  const it = await begin()
  expect(await it.at(TURN_MAX_MS - 1_000)).toBe(false)
  expect(await it.at(TURN_MAX_MS + 1_000)).toBe(true)
})
