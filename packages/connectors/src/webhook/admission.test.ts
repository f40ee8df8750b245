import { createHmac } from 'node:crypto'
import { WebhookSourceConnection, WebhookTag } from '@skerry/contract/sources/protocols/source-webhook'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Admission, createAdmission, type Signed } from './admission.ts'
import { unknownFinder } from './unknown.ts'

const NOW_MS = 1_795_000_000_000

const admissionOf = (connection: object) =>
  createAdmission(WebhookSourceConnection.parse({ port: 8_080, ...connection }), { word: 'right' })

const signedAt = (seconds: number, body = 'x') => ({
  timestamp: String(seconds),
  signature: `sha256=${createHmac('sha256', 'right').update(`${seconds}.${body}`).digest('hex')}`,
})

const UNNAMED = { authorization: undefined, signature: undefined, address: '192.0.2.1' }

const lateAt = (admission: Admission, headers: Signed, nowMs: number) =>
  admission.late({ headers, body: Buffer.from('x'), address: '192.0.2.1' }, { nowMs, monotonicMs: nowMs })

test.each([
  ['bearer', { bearer: { secret: 'word' }, perSecond: 2 }],
  ['signature', { signature: { secret: 'word' }, perSecond: 2 }],
  ['both', { bearer: { secret: 'word' }, signature: { secret: 'word' }, perSecond: 2 }],
])('a stranger who fails as often as it can takes no place of the genuine sender (%s)', (_, connection) => {
  const admission = admissionOf(connection)
  // Behind a proxy, all have one address.
  const ask = (authorization: string, headers: Signed, nowMs: number) =>
    admission.early({ authorization, signature: headers.signature, address: '192.0.2.1' }, nowMs) ??
    lateAt(admission, headers, nowMs)
  const wrong = [undefined, 'sha256=00', `sha256=${'0'.repeat(64)}`]
  const codes = new Set<string | undefined>()
  for (let at = 0; at < 1_000; at += 1) {
    codes.add(ask('Bearer wrong', { timestamp: '1', signature: wrong[at % wrong.length] }, NOW_MS + at)?.code)
    if (at % 500 !== 0) continue
    const seconds = NOW_MS / 1_000 + at / 500
    expect(ask('Bearer right', signedAt(seconds), NOW_MS + at)).toBeUndefined()
  }
  expect([...codes].sort()).toEqual(['request_denied', 'request_rate'])
})

test('the sender passes although a stranger fails at its own address', () => {
  const { early } = admissionOf({ bearer: { secret: 'word' } })
  const at = { signature: undefined, address: '::1' }
  for (let count = 0; count < 50; count += 1) early({ ...at, authorization: 'Bearer wrong' }, NOW_MS)
  expect(early({ ...at, authorization: 'Bearer right' }, NOW_MS)).toBeUndefined()
})

test('without a signature, or with a malformed one, the body is not read', () => {
  const { early } = admissionOf({ signature: { secret: 'word' } })
  for (const signature of [undefined, 'sha256=00', 'sha1=00'])
    expect(early({ ...UNNAMED, signature }, NOW_MS)?.code).toBe('request_denied')
  expect(early({ ...UNNAMED, signature: `sha256=${'0'.repeat(64)}` }, NOW_MS)).toBeUndefined()
})

test('a signed request that comes too soon may come again', () => {
  const admission = admissionOf({ signature: { secret: 'word' }, perSecond: 1 })
  const seconds = NOW_MS / 1_000
  expect(lateAt(admission, signedAt(seconds), NOW_MS)).toBeUndefined()
  expect(lateAt(admission, signedAt(seconds + 1), NOW_MS)?.code).toBe('request_rate')
  expect(lateAt(admission, signedAt(seconds + 1), NOW_MS + 1_000)).toBeUndefined()
})

test('within any second no more are taken than are bought, and after it some are again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.integer({ min: 0, max: 300 })), (perSecond, gaps) => {
      const { early } = admissionOf({ perSecond })
      const pace = (ms: number) => early(UNNAMED, ms)
      let nowMs = 5_000
      const taken: number[] = []
      for (const gap of gaps) {
        nowMs += gap
        if (!pace(nowMs)) taken.push(nowMs)
      }
      const within = taken.map((at) => taken.filter((other) => other >= at && other < at + 1_000).length)
      // What was saved up, and what came in meanwhile.
      expect(Math.max(0, ...within)).toBeLessThanOrEqual(2 * perSecond)
      expect(pace(nowMs + 1_000)).toBeUndefined()
    }),
  )
})

test('a request is taken once within the window, and never outside of it, whatever the clock of its sender', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 30 }), (offsets) => {
      const admission = admissionOf({ signature: { secret: 'word' }, windowSeconds: 10 })
      const taken = new Set<number>()
      for (const [place, offset] of offsets.entries()) {
        // A second passes from one to the next.
        const at = NOW_MS / 1_000 + offset
        const refusal = lateAt(admission, signedAt(at), NOW_MS + place * 1_000)
        const isWithin = Math.abs(offset - place) <= 10
        if (!isWithin) expect(refusal?.code).toBe('request_stale')
        else if (taken.has(at)) expect(refusal?.code).toBe('request_replayed')
        else expect(refusal).toBeUndefined()
        if (!refusal) taken.add(at)
      }
    }),
  )
})

test.each([
  ['nothing', {}],
  ['no time', { signature: signedAt(NOW_MS / 1_000).signature }],
  ['half a signature', { timestamp: String(NOW_MS / 1_000), signature: 'sha256=00ff' }],
  ['another algorithm', { ...signedAt(NOW_MS / 1_000), signature: 'sha1=00' }],
])('%s is no signature', (_, headers) => {
  const admission = admissionOf({ signature: { secret: 'word' } })
  const signed = { timestamp: undefined, signature: undefined, ...headers }
  expect(lateAt(admission, signed, NOW_MS)?.code).toBe('request_denied')
})

test('a document of brackets alone, or of a hundred thousand fields, costs no more than its bytes', () => {
  const find = unknownFinder([WebhookTag.parse({ name: 'a', path: 'a' })])
  expect(find(JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)).count).toBe(1)
  const wide = find({ a: 1, list: Array.from({ length: 200_000 }, (_, at) => at) })
  expect(wide).toMatchObject({ count: 200_000, first: expect.arrayContaining(['list[0]', 'list[9]']) })
  expect(find({ a: { b: [1] } })).toEqual({ count: 0, first: [] })
})
