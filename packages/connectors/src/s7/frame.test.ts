import fc from 'fast-check'
import { expect, test } from 'vitest'
import { itemBytesMax, packItems, parseFrame, readAnswer, readRequest, setupAnswer } from './frame.ts'

const lengths = (pdu: number) =>
  fc.array(fc.record({ length: fc.integer({ min: 1, max: itemBytesMax(pdu) }) }), { maxLength: 60 })

test('packed requests hold every item once, in order, and no request or answer is longer than a message', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 112, max: 960 }).chain((pdu) => fc.tuple(fc.constant(pdu), lengths(pdu))),
      ([pdu, items]) => {
        const requests = packItems(items, pdu)
        expect(requests.flat()).toEqual(items)
        for (const request of requests) {
          const answer =
            14 +
            request.reduce((sum, { length }, index) => {
              const isLast = index === request.length - 1
              return sum + 4 + length + (isLast ? 0 : length % 2)
            }, 0)
          expect(answer).toBeLessThanOrEqual(pdu)
          const asked = request.map(({ length }) => ({ area: 'DB' as const, db: 1, start: 0, length }))
          // The headers of the transport do not count.
          expect(readRequest(1, asked).length - 7).toBeLessThanOrEqual(pdu)
        }
      },
    ),
  )
})

test('any bytes are an answer or unknown, and never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
      const frames = [noise, Uint8Array.of(3, 0, 0, 20, 2, 0xf0, 0x80, 0x32, 3, ...noise)].map(parseFrame)
      for (const frame of frames) {
        if (frame?.kind !== 'answer') continue
        setupAnswer(frame)
        const answers = readAnswer(frame, [{ length: 4 }, { length: 3 }])
        for (const answer of answers ?? []) if (answer.ok) expect([3, 4]).toContain(answer.bytes.length)
      }
    }),
  )
})
