import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Apdu, encodeApdu, takeApdus } from './apdu.ts'
import { canSend, hearApdu, newLink, order, sendAsdu, tick } from './link.ts'

const SETTINGS = { t1Seconds: 15, t2Seconds: 10, t3Seconds: 20, k: 12, w: 8 }
const ASDU = Uint8Array.of(1, 2, 3)
const started = (settings = SETTINGS) => {
  const link = newLink(settings, 0)
  order(link, 'startdt_act', 0)
  hearApdu(link, { format: 'u', order: 'startdt_con' }, 0)
  return link
}
const information = (sent: number, received = 0): Apdu => ({ format: 'i', sent, received, asdu: ASDU })

const apdus: fc.Arbitrary<Apdu> = fc.oneof(
  fc.record({
    format: fc.constant('i' as const),
    sent: fc.integer({ min: 0, max: 32_767 }),
    received: fc.integer({ min: 0, max: 32_767 }),
    asdu: fc.uint8Array({ minLength: 1, maxLength: 249 }),
  }),
  fc.record({ format: fc.constant('s' as const), received: fc.integer({ min: 0, max: 32_767 }) }),
  fc.constant({ format: 'u' as const, order: 'testfr_act' as const }),
)

test('whatever is sent is heard again, wherever the network cuts it', () => {
  fc.assert(
    fc.property(fc.array(apdus, { maxLength: 6 }), fc.nat(2_000), (sent, at) => {
      const bytes = Uint8Array.from(sent.flatMap((apdu) => [...encodeApdu(apdu)]))
      const first = takeApdus(bytes.subarray(0, at))
      const second = takeApdus(Uint8Array.from([...first.rest, ...bytes.subarray(at)]))
      expect([...first.apdus, ...second.apdus]).toEqual(sent)
      expect(second.rest).toHaveLength(0)
    }),
  )
})

test('what is no frame is refused', () => {
  expect(() => takeApdus(Uint8Array.of(0x16, 4, 1, 0, 0, 0))).toThrow('not a frame')
  expect(() => takeApdus(Uint8Array.of(0x68, 3, 1, 0, 0))).toThrow('not a frame')
  expect(() => takeApdus(Uint8Array.of(0x68, 4, 0x03, 0, 0, 0))).toThrow('unknown link command')
})

test('after w frames, or after t2, what was heard is acknowledged', () => {
  const link = started()
  for (let sent = 0; sent < 7; sent += 1) expect(hearApdu(link, information(sent), 1_000).send).toEqual([])
  expect(hearApdu(link, information(7), 1_000)).toEqual({ send: [{ format: 's', received: 8 }], deliver: ASDU })
  hearApdu(link, information(8), 2_000)
  expect(tick(link, 11_999).send).toEqual([])
  expect(tick(link, 12_000).send).toEqual([{ format: 's', received: 9 }])
  expect(tick(link, 12_100).send).toEqual([])
})

test('what is sent acknowledges, too', () => {
  const link = started()
  hearApdu(link, information(0), 0)
  expect(sendAsdu(link, ASDU, 0).send).toEqual([information(0, 1)])
  expect(tick(link, 10_000).send).toEqual([])
})

test('no more than k are under way; without an acknowledgement for t1 the connection is given up', () => {
  const link = started({ ...SETTINGS, k: 2 })
  sendAsdu(link, ASDU, 0)
  sendAsdu(link, ASDU, 5_000)
  expect(canSend(link)).toBe(false)
  hearApdu(link, { format: 's', received: 1 }, 6_000)
  expect(canSend(link)).toBe(true)
  expect(tick(link, 19_999).trouble).toBeUndefined()
  expect(tick(link, 20_000).trouble).toContain('15 s')
})

test('after t3 of silence it asks whether somebody is there, and gives up after t1', () => {
  const link = started()
  expect(tick(link, 20_000).send).toEqual([{ format: 'u', order: 'testfr_act' }])
  expect(tick(link, 21_000).send).toEqual([])
  expect(tick(link, 35_000).trouble).toContain('15 s')
  const alive = started()
  tick(alive, 20_000)
  hearApdu(alive, { format: 'u', order: 'testfr_con' }, 21_000)
  expect(tick(alive, 36_000)).toEqual({ send: [] })
  expect(hearApdu(alive, { format: 'u', order: 'testfr_act' }, 37_000).send).toEqual([
    { format: 'u', order: 'testfr_con' },
  ])
})

test('a frame that is missing, an acknowledgement of what was never sent, and orders from the wrong end are trouble', () => {
  expect(hearApdu(started(), information(1), 0).trouble).toContain('expected')
  expect(hearApdu(started(), { format: 's', received: 1 }, 0).trouble).toContain('never sent')
  expect(hearApdu(started(), { format: 'u', order: 'startdt_act' }, 0).trouble).toContain('sent commands')
})

test('the numbers go round, with any mix of frames, and nothing is lost or held twice', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), fc.integer({ min: 32_700, max: 32_767 }), (turns, from) => {
      const link = Object.assign(started(), { nextSent: from, nextReceived: from })
      let sent = from
      let heard = from
      for (const isOurs of turns) {
        if (isOurs && canSend(link)) {
          sendAsdu(link, ASDU, 0)
          sent = (sent + 1) % 32_768
          continue
        }
        const step = hearApdu(link, information(heard, sent), 0)
        heard = (heard + 1) % 32_768
        expect(step.deliver).toEqual(ASDU)
      }
      expect([link.nextSent, link.nextReceived]).toEqual([sent, heard])
      expect(link.unacknowledgedMs.length).toBeLessThanOrEqual(SETTINGS.k)
      expect(link.owed).toBeLessThan(SETTINGS.w)
    }),
  )
})
