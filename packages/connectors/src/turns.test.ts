import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRounds, politely, politelyTogether, takeTurns } from './turns.ts'

test('rounds run side by side, and an exclusive task runs alone, for any failures and durations', async () => {
  const work = fc.record({
    kind: fc.constantFrom('beside' as const, 'beside' as const, 'alone' as const),
    steps: fc.nat(4),
    fails: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(work, { maxLength: 12 }), async (scheduler, works) => {
      const rounds = createRounds()
      const underWay = { beside: 0, alone: 0 }
      const done = works.map(({ kind, steps, fails }) =>
        rounds[kind](async () => {
          underWay[kind] += 1
          for (let step = 0; step <= steps; step += 1) {
            expect(underWay.alone === 0 || (underWay.alone === 1 && underWay.beside === 0)).toBe(true)
            await scheduler.schedule(Promise.resolve())
          }
          underWay[kind] -= 1
          if (fails) throw new Error('it broke')
          return kind
        }),
      )
      const settled = scheduler.waitFor(Promise.allSettled(done))
      expect((await settled).map(({ status }) => status)).toEqual(
        works.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
      )
    }),
  )
})

test('without an exclusive task nobody waits', async () => {
  const { beside, alone } = createRounds()
  const gate = Promise.withResolvers<void>()
  const slow = beside(() => gate.promise)
  expect(await beside(async () => 'at once')).toBe('at once')
  const order: string[] = []
  const write = alone(async () => void order.push('alone'))
  await new Promise(setImmediate)
  const late = beside(async () => void order.push('beside'))
  gate.resolve()
  await Promise.all([slow, write, late])
  expect(order).toEqual(['alone', 'beside'])
})

test('the next turn begins after the pause of the one before, and a failed turn has no pause', async () => {
  const order: string[] = []
  const clock = { sleep: async (ms: number) => void order.push(`pause of ${ms}`) }
  const inTurn = politely(takeTurns(), 7, clock)
  const { signal } = new AbortController()
  const done = ['one', 'two', 'three'].map((name) =>
    inTurn(async () => {
      order.push(name)
      if (name === 'two') throw new Error('it broke')
    }, signal),
  )
  await Promise.allSettled(done)
  expect(order).toEqual(['one', 'pause of 7', 'two', 'three', 'pause of 7'])
})

test('without a pause, requests that may be pending together run together', async () => {
  const together = politelyTogether(0, { sleep: () => Promise.reject(new Error('nobody sleeps')) })
  const gate = Promise.withResolvers<string>()
  const { signal } = new AbortController()
  const slow = together(() => gate.promise, signal)
  expect(await together(async () => 'at once', signal)).toBe('at once')
  gate.resolve('later')
  expect(await slow).toBe('later')
})
