import { expect, test } from 'vitest'
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
  const queue = createHashQueue({ atOnceMax: 1, waitingMax: 10 })
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
  const queue = createHashQueue({ atOnceMax: 1, waitingMax: 3 })
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
