/** Reading: what goes into one request, and what becomes of answers of any kind. */

import { EthernetIpTag } from '@skerry/contract/sources/protocols/source-ethernet-ip'
import { EthernetIpSource } from '@skerry/contract/sources/source'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Reply } from './message.ts'
import { askedOf, packAsked, planEthernetIp, readAll } from './read.ts'

test('300 numbers are a few requests over a long connection, and more over a short one', () => {
  const tags = Array.from({ length: 300 }, (_, index) => ({ name: `p${index}`, address: `Point${100 + index}` }))
  const planOf = (connectionBytes: number) =>
    planEthernetIp(
      EthernetIpSource.parse({
        name: 'press-9',
        protocol: 'ethernet-ip',
        connection: { host: 'plc', connectionBytes },
        groups: [{ name: 'all', everyMs: 1_000, tags }],
      }),
    )
  // Of each tag 18 bytes come back: its place, the head of its answer, its type and eight bytes.
  expect(planOf(4_000).groups).toEqual([{ group: 'all', requests: Math.ceil(300 / 221), places: 300 }])
  expect(planOf(500).groups).toEqual([{ group: 'all', requests: Math.ceil(300 / 27), places: 300 }])
})

const AnyTag = fc
  .record({ letters: fc.integer({ min: 1, max: 60 }), count: fc.integer({ min: 1, max: 200 }) })
  .map(({ letters, count }) => EthernetIpTag.parse({ name: 'tag', address: 'x'.repeat(letters), count }))
const anyTags = fc.array(AnyTag, { minLength: 1, maxLength: 40 })

test('every tag is in one request, in its order, and none that has several is longer than a message, out or back', () => {
  fc.assert(
    fc.property(anyTags, fc.integer({ min: 498, max: 3_998 }), (tags, bytes) => {
      const asked = askedOf(tags)
      const bundles = packAsked(asked, bytes)
      expect(bundles.flat()).toEqual(asked)
      for (const bundle of bundles.filter(({ length }) => length > 1)) {
        const sum = (of: (one: (typeof asked)[number]) => number) => bundle.reduce((all, one) => all + of(one), 0)
        expect(8 + sum(({ path }) => 2 + 4 + path.length)).toBeLessThanOrEqual(bytes)
        expect(6 + sum((one) => 2 + 4 + 4 + one.bytes)).toBeLessThanOrEqual(bytes)
      }
    }),
  )
})

const anyReply: fc.Arbitrary<Reply> = fc.record({
  service: fc.constant(0),
  status: fc.constantFrom(0, 4, 6, 8, 0x11, 0x1e, 0xff),
  extended: fc.constantFrom(undefined, 0x2105),
  data: fc.uint8Array({ maxLength: 120 }),
})
const { signal } = new AbortController()

test('whatever a controller answers, each tag has a value or a cause, and it ends', async () => {
  await fc.assert(
    fc.asyncProperty(anyTags, fc.array(anyReply, { minLength: 1, maxLength: 20 }), async (tags, replies) => {
      let asked = 0
      const ask = async () => {
        asked += 1
        return replies[asked % replies.length] ?? { service: 0, status: 8, extended: undefined, data: new Uint8Array() }
      }
      const wire = { bytes: 498, ask }
      const reading = await readAll({ wire, nowMs: () => 7, controller: { hasSeveral: true } }, askedOf(tags), signal)
      for (const index of tags.keys())
        expect(reading.others.has(index) || !Number.isNaN(reading.numbers[index])).toBe(true)
    }),
  )
})
