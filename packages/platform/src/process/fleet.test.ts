import { expect, test } from 'vitest'
import { createFleet, createRate, createTurns, type PrepareWorker } from './fleet.ts'

type Wanted = { name: string; digest: string }
type Worker = Wanted

function stage() {
  let nowMs = 1_000
  const events: string[] = []
  const fleet = createFleet<Wanted, Worker>({
    clock: { nowMs: () => nowMs },
    async stop({ name, digest }) {
      events.push(`stop ${name} ${digest}`)
      await Promise.resolve()
      events.push(`stopped ${name}`)
    },
  })
  const prepare: PrepareWorker<Wanted, Worker> = async (wanted, running) => {
    if (running?.digest === wanted.digest) return { kind: 'unchanged' }
    if (wanted.digest.startsWith('bad')) {
      return { kind: 'refused', key: wanted.digest, cause: { code: 'source_unreadable', message: 'no JSON' } }
    }
    const start = () => {
      events.push(`start ${wanted.name} ${wanted.digest}`)
      return wanted
    }
    return { kind: 'ready', start }
  }
  const follow = (...wanted: [string, string][]) =>
    fleet.follow(
      wanted.map(([name, digest]) => ({ name, digest })),
      prepare,
    )
  const taken = () => events.splice(0)
  const sleep = (ms: number) => {
    nowMs += ms
  }
  return { fleet, follow, prepare, taken, sleep }
}

test('a fleet starts new workers, stops old ones and leaves unchanged ones alone', async () => {
  const { fleet, follow, taken } = stage()
  await follow(['one', 'a'], ['two', 'a'])
  expect(taken()).toEqual(['start one a', 'start two a'])
  await follow(['two', 'a'], ['three', 'a'])
  expect(taken()).toEqual(['stop one a', 'stopped one', 'start three a'])
  expect([...fleet.running.keys()]).toEqual(['two', 'three'])
})

test('a changed worker starts after the one before it has stopped', async () => {
  const { follow, taken } = stage()
  await follow(['one', 'a'])
  await follow(['one', 'b'])
  expect(taken()).toEqual(['start one a', 'stop one a', 'stopped one', 'start one b'])
})

test('a worker that cannot start is refused since the first time, until it can or is not wanted', async () => {
  const { fleet, follow, sleep } = stage()
  await follow(['one', 'bad'])
  sleep(500)
  await follow(['one', 'bad'])
  expect(fleet.refused.get('one')).toMatchObject({ sinceMs: 1_000, cause: { code: 'source_unreadable' } })
  await follow(['one', 'bad2'])
  expect(fleet.refused.get('one')).toMatchObject({ sinceMs: 1_500 })
  await follow(['one', 'a'])
  expect([fleet.refused.size, fleet.running.size]).toEqual([0, 1])
  await follow(['one', 'bad'])
  expect([fleet.refused.size, fleet.running.size]).toEqual([1, 0])
  await follow()
  expect(fleet.refused.size).toBe(0)
})

test('a restart stops a worker that has not changed, and starts it anew', async () => {
  const { fleet, follow, prepare, taken } = stage()
  await follow(['one', 'a'])
  await fleet.restart({ name: 'one', digest: 'a' }, prepare)
  expect(taken()).toEqual(['start one a', 'stop one a', 'stopped one', 'start one a'])
  await fleet.stopAll()
  expect([taken(), fleet.running.size]).toEqual([['stop one a', 'stopped one'], 0])
})

test('orders are carried out one after the other, and one that fails does not stop the next', async () => {
  const { inTurn, idle } = createTurns()
  const events: string[] = []
  const first = inTurn(async () => {
    await Promise.resolve()
    events.push('first')
    throw new Error('it failed')
  })
  const second = inTurn(async () => void events.push('second'))
  await expect(first).rejects.toThrow('it failed')
  await second
  await idle()
  expect(events).toEqual(['first', 'second'])
})

test('a rate is that of the last five seconds or more', () => {
  let nowMs = 0
  const rate = createRate({ monotonicMs: () => nowMs })
  nowMs = 4_999
  expect(rate.perSecond(100)).toBe(0)
  nowMs = 5_000
  expect(rate.perSecond(100)).toBe(20)
  nowMs = 6_000
  expect(rate.perSecond(900)).toBe(20)
})
