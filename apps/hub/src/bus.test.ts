import { expect, test } from 'vitest'
import { createBus } from './bus.ts'

test('a listener gets the events of its key, or of all keys, and a failing listener disturbs no other', () => {
  const failures: string[] = []
  const bus = createBus({ error: (event) => void failures.push(event) })
  const heard: string[] = []
  bus.subscribe('desired.changed', 'a', () => {
    throw new Error('broken listener')
  })
  const stop = bus.subscribe('desired.changed', 'a', (key) => void heard.push(`one ${key}`))
  bus.subscribe('desired.changed', undefined, (key) => void heard.push(`all ${key}`))
  for (const key of ['a', 'b']) bus.publish('desired.changed', key)
  bus.publish('rollout.changed', 'a')
  stop()
  stop()
  bus.publish('desired.changed', 'a')
  expect(heard).toEqual(['one a', 'all a', 'all b', 'all a'])
  expect(failures).toEqual(['bus_listener_failed', 'bus_listener_failed'])
})
