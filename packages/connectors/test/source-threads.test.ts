/** Held against threads that do odd things when they are told to: what a library does nobody can foresee. */
import { Source } from '@skerry/contract/sources/source'
import { until } from '@skerry/testkit/until'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type SourceThreads, sharedThreads } from '../src/sources/source-threads.ts'
import { NO_SURROUNDINGS } from './stage/stage.ts'

const ODD = new URL('./stage/odd-thread.mjs', import.meta.url)

const sourceOf = (name: string) =>
  Source.parse({
    name,
    protocol: 'simulator',
    groups: [{ name: 'all', everyMs: 1_000, tags: [{ name: 'tag', signal: { kind: 'constant', value: 1 } }] }],
  })

/** Runs it, and says in which thread. */
async function begin(threads: SourceThreads, name: string) {
  let thread: number | undefined
  const run = threads.run({ source: sourceOf(name), ...NO_SURROUNDINGS }, (said) => {
    if (said.kind === 'figures') thread = said.lost
  })
  onTestFinished(() => run.send({ kind: 'stop' }))
  await until(() => thread !== undefined)
  const told = (tag: string) => run.send({ kind: 'question', id: 1, name: 'write', question: { tag, value: 1 } })
  return { thread, told, ended: run.ended, stop: () => run.send({ kind: 'stop' }) }
}

test('sources share a thread; when it ends by itself all of them end, and each has one of its own from then on', async () => {
  const threads = sharedThreads(ODD)
  const one = await begin(threads, 'one')
  const two = await begin(threads, 'two')
  expect(two.thread).toBe(one.thread)
  one.told('throws')
  expect(await Promise.all([one.ended, two.ended])).toEqual(Array(2).fill('offset is out of bounds'))
  const after = [await begin(threads, 'one'), await begin(threads, 'two'), await begin(threads, 'three')]
  expect(new Set(after.map(({ thread }) => thread)).size).toBe(3)
  // Only whoever was there is under suspicion.
  expect((await begin(threads, 'four')).thread).toBe(after[2]?.thread)
})

test('a connector that is broken, and one that is stopped, end alone; those beside them know nothing of it', async () => {
  const threads = sharedThreads(ODD)
  const one = await begin(threads, 'one')
  const two = await begin(threads, 'two')
  const three = await begin(threads, 'three')
  one.told('fails')
  expect(await one.ended).toBe('a connector is broken')
  two.stop()
  expect(await two.ended).toBe('it ended')
  expect([(await begin(threads, 'one')).thread, (await begin(threads, 'two')).thread]).toEqual(
    Array(2).fill(three.thread),
  )
})

test('the last of a thread has ended when the thread has; whoever comes meanwhile has another', async () => {
  const threads = sharedThreads(ODD)
  const one = await begin(threads, 'one')
  one.stop()
  expect(await one.ended).toBe('it ended')
  const two = await begin(threads, 'two')
  expect(two.thread).not.toBe(one.thread)
})

test('a thread that is stuck is ended, and its sources are begun anew alone', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const threads = sharedThreads(ODD)
  const one = await begin(threads, 'one')
  const two = await begin(threads, 'two')
  two.told('sticks')
  vi.advanceTimersByTime(61_000)
  expect(await Promise.all([one.ended, two.ended])).toEqual(Array(2).fill('its thread did not respond for 60 seconds'))
  expect((await begin(threads, 'two')).thread).not.toBe((await begin(threads, 'one')).thread)
})
