import type { Serving } from '@skerry/contract/models/serving'
import { buildDesiredItem, fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import {
  CRASH_WINDOW_MS,
  CRASHES_MAX,
  type Suspicion,
  seatOf,
  suspect,
  suspicionCause,
  withoutSuspicion,
} from './crash-suspicion.ts'
import { newItemLife, stepItem } from './item-life.ts'
import { FAILURES_MAX } from './remembered-failure.ts'

const itemOf = (serving: Partial<Serving> = {}, version = 1) => buildDesiredItem({ version, serving })
const { digest } = itemOf()

/** After crashes at these times. */
const after = (timesMs: number[], isCertain = false): Suspicion[] =>
  timesMs.reduce<Suspicion[]>((list, atMs) => suspect(list, { digest, message: 'SIGFPE', isCertain }, atMs), [])
const often = Array.from({ length: CRASHES_MAX }, (_, at) => at * 1_000)
const seldom = Array.from({ length: 2 * CRASHES_MAX }, (_, at) => at * CRASH_WINDOW_MS)

test.each<[string, Partial<Serving>, number[], 'proven' | 'unproven', ReturnType<typeof seatOf>]>([
  ['no crash', {}, [], 'proven', 'shared'],
  ['no crash, apart from the start', { isolation: 'process' }, [], 'proven', 'process'],
  ['one crash', {}, [0], 'proven', 'shared'],
  ['one crash of what has proved nothing', {}, [0], 'unproven', 'process'],
  ['two crashes', {}, [0, 1], 'proven', 'process'],
  ['two crashes, to be stopped', { onCrash: 'stop' }, [0, 1], 'proven', 'stopped'],
  ['one crash, to be stopped', { onCrash: 'stop' }, [0], 'proven', 'shared'],
  ['five within ten minutes', {}, often, 'proven', 'stopped'],
  ['five within ten minutes, apart from the start', { isolation: 'process' }, often, 'proven', 'stopped'],
  ['ten over hours', {}, seldom, 'proven', 'process'],
  ['five within ten minutes, and one much later', {}, [...often, 10 * CRASH_WINDOW_MS], 'proven', 'stopped'],
])('%s', (_, serving, timesMs, stage, seat) => {
  expect(seatOf(itemOf(serving), { suspicions: after(timesMs) }, stage)).toBe(seat)
})

test.each<[string, number[], boolean, string | undefined]>([
  ['nothing', [], false, undefined],
  ['a first crash', [0], true, 'model_suspected'],
  ['a second beside others', [0, 1], false, 'model_isolated'],
  ['a second of its own', [0, 1], true, 'model_crashing'],
  ['too many', often, true, 'model_stopped'],
])('a device says of %s', (_, timesMs, isCertain, code) => {
  const cause = suspicionCause(itemOf(), { suspicions: after(timesMs, isCertain) })
  expect(cause?.code).toBe(code)
  if (cause) expect(cause.message).toContain('m version 1')
})

test('a flow starts again, for its thread is its own already', () => {
  const flow = buildDesiredItem({ kind: 'flow', version: 1 })
  expect(suspicionCause(flow, { suspicions: after([0, 1], true) })?.message).toContain('starts again after 2 crashes')
})

test('a suspicion is of one version, keeps few times, and ends with another way of serving, or a retry', () => {
  const suspicions = after(seldom)
  expect(suspicions[0]).toMatchObject({ count: seldom.length, crashesMs: seldom.slice(-CRASHES_MAX) })
  expect(seatOf(itemOf({}, 2), { suspicions }, 'proven')).toBe('shared')
  expect(withoutSuspicion(suspicions, digest)).toEqual({})
  const life = stepItem(newItemLife(itemOf(), 0), { kind: 'suspected', digest, message: '', isCertain: true }, 5)
  expect(life.suspicions).toHaveLength(1)
  const again = { kind: 'targeted' as const, item: { ...itemOf(), retryToken: 1 } }
  expect(stepItem(life, again, 6).suspicions).toBeUndefined()
  const apart = { kind: 'targeted' as const, item: itemOf({ isolation: 'process' }) }
  expect(stepItem(life, apart, 6).suspicions).toBeUndefined()
  const next = stepItem(life, { kind: 'targeted', item: itemOf({}, 2) }, 6)
  expect(next.suspicions).toHaveLength(1)
})

test('suspicions of the newest versions are kept, and no more than that', () => {
  const digests = Array.from({ length: FAILURES_MAX + 3 }, (_, at) => fakeDigest(at))
  const kept = digests.reduce<Suspicion[]>(
    (list, one, atMs) => suspect(list, { digest: one, message: 'SIGFPE', isCertain: true }, atMs),
    [],
  )
  expect(kept.map((one) => one.digest)).toEqual(digests.slice(-FAILURES_MAX))
})
