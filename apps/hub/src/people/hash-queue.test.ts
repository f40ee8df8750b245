import { expect, test } from 'vitest'
import { isKnownLane, laneOf } from './factors/known-place.ts'
import { createHashQueue } from './hash-queue.ts'

/** Work that ends when the test says so. */
function heldWork(order: string[]) {
  const ends: (() => void)[] = []
  const work = (name: string) => async () => {
    order.push(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    ends.push(resolve)
    await promise
  }
  return { work, endOne: () => ends.shift()?.() }
}

const settle = async () => {
  for (let count = 0; count < 20; count++) await Promise.resolve()
}

test('a lane with one request is next but one, whatever the others have in the queue', async () => {
  const order: string[] = []
  const { work, endOne } = heldWork(order)
  const queue = createHashQueue({ atOnceMax: 1, waitingMax: 10, isKnown: () => false })
  const all = [0, 1, 2, 3, 4].map((index) => queue.run('stranger', work(`stranger ${index}`)))
  all.push(queue.run('ann', work('ann')), queue.run('bob', work('bob')))
  for (let count = 0; count < all.length; count++) {
    await settle()
    endOne()
  }
  await Promise.all(all)
  expect(order.slice(0, 4)).toEqual(['stranger 0', 'stranger 1', 'ann', 'bob'])
})

test('a full queue refuses the newest of the lane that has most in it, and not the lane that has least', async () => {
  const order: string[] = []
  const { work, endOne } = heldWork(order)
  const queue = createHashQueue({ atOnceMax: 1, waitingMax: 3, isKnown: () => false })
  const flood = [0, 1, 2, 3, 4].map((index) => queue.run('stranger', work(`stranger ${index}`)))
  const ann = queue.run('ann', work('ann'))
  const bob = queue.run('bob', work('bob'))
  const outcomes = Promise.allSettled([...flood, ann, bob])
  for (let count = 0; count < 7; count++) {
    await settle()
    endOne()
  }
  const refused = (await outcomes).map(({ status }) => status === 'rejected')
  expect(refused).toEqual([false, false, true, true, true, false, false])
  expect(order.toSorted()).toEqual(['ann', 'bob', 'stranger 0', 'stranger 1'])
})

test('a stranger with many addresses does not keep a known browser out, and a known browser gains one place only', async () => {
  const order: string[] = []
  const { work, endOne } = heldWork(order)
  const queue = createHashQueue({ atOnceMax: 1, waitingMax: 4, isKnown: isKnownLane })
  const lanes = [0, 1, 2, 3, 4, 5].map((index) => laneOf(`2001:db8:${index}::1`))
  const strangers = lanes.map((lane) => queue.run(lane, work(lane)))
  const ann = [0, 1].map((index) => queue.run('browser ann', work(`ann ${index}`)))
  const bob = queue.run('session bob', work('bob'))
  const outcomes = Promise.allSettled([...strangers, ...ann, bob])
  for (let count = 0; count < 9; count++) {
    await settle()
    endOne()
  }
  const refused = (await outcomes).map(({ status }) => status === 'rejected')
  // The sixth stranger finds no room; then the two that came last give theirs up.
  expect(refused).toEqual([false, false, false, true, true, true, false, true, false])
  expect(order).toEqual([lanes[0], lanes[1], lanes[2], 'ann 0', 'bob'])
})

test('one household is one lane, whichever of its addresses asks', () => {
  const [first, ...others] = ['2001:db8:7:1::1', '2001:db8:7:ff::2', '2001:db8:7::3', '2001:db8:7:ffff:1:2:3:4'].map(
    laneOf,
  )
  expect(new Set(others)).toEqual(new Set([first]))
  expect(laneOf('2001:db8:8::1')).not.toBe(first)
  expect(laneOf('::ffff:192.0.2.1')).toBe(laneOf('192.0.2.1'))
  expect(laneOf('192.0.2.2')).not.toBe(laneOf('192.0.2.1'))
})
