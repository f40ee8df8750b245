import { createHmac } from 'node:crypto'
import { WebhookSourceConnection, WebhookTag } from '@skerry/contract/source-webhook'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAdmission } from './admission.ts'
import { unknownFinder } from './unknown.ts'

const NOW_MS = 1_795_000_000_000

const admissionOf = (connection: object) =>
  createAdmission(WebhookSourceConnection.parse({ port: 8_080, ...connection }), { word: 'right' })

const signedAt = (seconds: number, body = 'x') => ({
  timestamp: String(seconds),
  signature: `sha256=${createHmac('sha256', 'right').update(`${seconds}.${body}`).digest('hex')}`,
})

test('within any second no more are taken than are bought, and after it some are again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.integer({ min: 0, max: 300 })), (perSecond, gaps) => {
      const { pace } = admissionOf({ perSecond })
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
        const refusal = admission.signature(signedAt(at), Buffer.from('x'), NOW_MS + place * 1_000)
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
  expect(admission.signature(signed, Buffer.from('x'), NOW_MS)?.code).toBe('request_denied')
})

test('a document of brackets alone, or of a hundred thousand fields, costs no more than its bytes', () => {
  const find = unknownFinder([WebhookTag.parse({ name: 'a', path: 'a' })])
  expect(find(JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)).count).toBe(1)
  const wide = find({ a: 1, list: Array.from({ length: 200_000 }, (_, at) => at) })
  expect(wide).toMatchObject({ count: 200_000, first: expect.arrayContaining(['list[0]', 'list[9]']) })
  expect(find({ a: { b: [1] } })).toEqual({ count: 0, first: [] })
})
