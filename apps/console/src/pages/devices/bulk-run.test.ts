import { expect, test } from 'vitest'
import { type BulkState, runBulk } from './bulk-run.ts'

const rows = Array.from({ length: 20 }, (_, index) => index)

test('each row is tried once, a few at a time, and those that fail are named', async () => {
  const [tried, states]: [number[], BulkState<number>[]] = [[], []]
  let now = 0
  let most = 0
  const work = async (row: number) => {
    tried.push(row)
    now += 1
    most = Math.max(most, now)
    await new Promise((resolve) => setImmediate(resolve))
    now -= 1
    if (row % 5 === 0) throw new Error(`no ${row}`)
  }
  await runBulk({ rows, work, onState: (state) => states.push(state) }, new AbortController().signal)
  const last = states.at(-1)
  expect(tried.toSorted((a, b) => a - b)).toEqual(rows)
  expect([last?.done, last?.total, last?.isOver, most]).toEqual([16, 20, true, 4])
  expect(last?.failed.map(({ row }) => row).toSorted((a, b) => a - b)).toEqual([0, 5, 10, 15])
  expect(states.slice(0, -1).every(({ isOver }) => !isOver)).toBe(true)
})

test('stopping begins nothing new, and is no failure of those that were under way', async () => {
  const controller = new AbortController()
  const tried: number[] = []
  const work = async (row: number, signal: AbortSignal) => {
    tried.push(row)
    if (row === 3) controller.abort()
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
  let last: BulkState<number> | undefined
  const onState = (state: BulkState<number>) => {
    last = state
  }
  await runBulk({ rows, work, onState }, controller.signal)
  expect(tried).toEqual([0, 1, 2, 3])
  expect(last).toMatchObject({ failed: [], isOver: true })
})
