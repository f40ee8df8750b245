import { expect, test } from 'vitest'
import { createOutbox, eventsOf } from './notes.ts'

test('the other hubs receive each event complete and once, in texts that PostgreSQL carries, and the sender does not', () => {
  const outbox = createOutbox()
  const keys = Array.from({ length: 3_000 }, (_, index) => `dev_${String(index).padStart(20, '0')}`)
  for (const key of [...keys, ...keys]) outbox.add(['desired.changed', key])
  const texts = outbox.take('hub-a')
  expect(Math.max(...texts.map((text) => Buffer.byteLength(text)))).toBeLessThan(8_000)
  expect(texts.flatMap((text) => eventsOf(text, 'hub-b')).map(([, key]) => key)).toEqual(keys)
  expect(texts.flatMap((text) => eventsOf(text, 'hub-a'))).toEqual([])
  expect(outbox.isEmpty()).toBe(true)
  expect(outbox.take('hub-a')).toEqual([])
})

test('too many events become one: check everything', () => {
  const outbox = createOutbox()
  for (let index = 0; index < 25_000; index += 1) outbox.add(['items.changed', `dev_${index}`])
  const events = outbox.take('hub-a').flatMap((text) => eventsOf(text, 'hub-b'))
  expect(events[0]).toEqual(['everything.changed', ''])
  expect(events.length).toBeLessThanOrEqual(10_001)
})
