import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { isPassing, problemOf } from './problem.ts'

const systemError = (code: string) => Object.assign(new Error(`it said ${code}`), { code })
const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause })

test('what the hub refused keeps its code, words and data', () => {
  const error = new ORPCError('site_unknown', { defined: true, status: 404, message: 'no such site', data: { a: 1 } })
  expect(problemOf(error)).toEqual({ code: 'site_unknown', message: 'no such site', status: 404, data: { a: 1 } })
})

test("what a proxy answered is not taken for the hub's word", () => {
  expect(problemOf(new ORPCError('BAD_GATEWAY', { status: 502 }))).toMatchObject({
    code: 'answer_invalid',
    status: 502,
  })
})

test.each([
  ['refused', fetchFailed(systemError('ECONNREFUSED')), 'hub_unreachable'],
  ['unknown host', fetchFailed(systemError('ENOTFOUND')), 'hub_unreachable'],
  ['two addresses, both refused', fetchFailed(new AggregateError([systemError('ECONNREFUSED')])), 'hub_unreachable'],
  ['a browser, which says no more', new TypeError('Failed to fetch'), 'hub_unreachable'],
  ['too slow', new DOMException('timeout', 'TimeoutError'), 'hub_unreachable'],
  ['own CA', fetchFailed(systemError('SELF_SIGNED_CERT_IN_CHAIN')), 'hub_untrusted'],
  ['unknown CA', fetchFailed(systemError('UNABLE_TO_VERIFY_LEAF_SIGNATURE')), 'hub_untrusted'],
  ['expired', fetchFailed(systemError('CERT_HAS_EXPIRED')), 'hub_untrusted'],
  ['another name', fetchFailed(systemError('ERR_TLS_CERT_ALTNAME_INVALID')), 'hub_untrusted'],
  ['aborted', new DOMException('stop', 'AbortError'), 'aborted'],
  ['a bug', new RangeError('index 3 of 2'), 'internal_error'],
  ['no error at all', 'nonsense', 'internal_error'],
])('%s', (_what, error, code) => {
  expect(problemOf(error)).toMatchObject({ code, status: 0 })
})

test('a ring of causes ends', () => {
  const error = new Error('a')
  error.cause = error
  expect(problemOf(error).code).toBe('internal_error')
})

test('only what is not our fault is worth asking again', () => {
  const passing = [408, 429, 500, 502, 503, 504].map((status) => isPassing({ code: 'x', message: '', status }))
  const lasting = [400, 401, 403, 404, 409, 413, 422, 507].map((status) =>
    isPassing({ code: 'x', message: '', status }),
  )
  expect([...passing, isPassing(problemOf(fetchFailed(systemError('ECONNRESET'))))]).not.toContain(false)
  expect([...lasting, isPassing(problemOf(fetchFailed(systemError('CERT_HAS_EXPIRED'))))]).not.toContain(true)
})
