import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { isPassing, problemOf } from './problem.ts'

const systemError = (code: string) => Object.assign(new Error(`it said ${code}`), { code })
const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause })

test('an error of the hub keeps its code, message and data', () => {
  const error = new ORPCError('site_unknown', { defined: true, status: 404, message: 'no such site', data: { a: 1 } })
  expect(problemOf(error)).toEqual({ code: 'site_unknown', message: 'no such site', status: 404, data: { a: 1 } })
})

test('an error of a proxy is not accepted as an error of the hub', () => {
  expect(problemOf(new ORPCError('BAD_GATEWAY', { status: 502 }))).toMatchObject({
    code: 'answer_invalid',
    status: 502,
  })
})

test.each([
  ['the connection is refused', fetchFailed(systemError('ECONNREFUSED')), 'hub_unreachable'],
  ['the host is unknown', fetchFailed(systemError('ENOTFOUND')), 'hub_unreachable'],
  [
    'two addresses refuse the connection',
    fetchFailed(new AggregateError([systemError('ECONNREFUSED')])),
    'hub_unreachable',
  ],
  ['a browser gives no reason', new TypeError('Failed to fetch'), 'hub_unreachable'],
  ['the request times out', new DOMException('timeout', 'TimeoutError'), 'hub_unreachable'],
  ['the CA is self-signed', fetchFailed(systemError('SELF_SIGNED_CERT_IN_CHAIN')), 'hub_untrusted'],
  ['the CA is unknown', fetchFailed(systemError('UNABLE_TO_VERIFY_LEAF_SIGNATURE')), 'hub_untrusted'],
  ['the certificate has expired', fetchFailed(systemError('CERT_HAS_EXPIRED')), 'hub_untrusted'],
  ['the certificate has another name', fetchFailed(systemError('ERR_TLS_CERT_ALTNAME_INVALID')), 'hub_untrusted'],
  ['aborted', new DOMException('stop', 'AbortError'), 'aborted'],
  ['the code has a bug', new RangeError('index 3 of 2'), 'internal_error'],
  ['the thrown value is no error', 'nonsense', 'internal_error'],
])('%s', (_what, error, code) => {
  expect(problemOf(error)).toMatchObject({ code, status: 0 })
})

test('a circular chain of causes ends', () => {
  const error = new Error('a')
  error.cause = error
  expect(problemOf(error).code).toBe('internal_error')
})

test('only temporary problems outside the client are worth a retry', () => {
  const passing = [408, 429, 500, 502, 503, 504].map((status) => isPassing({ code: 'x', message: '', status }))
  const lasting = [400, 401, 403, 404, 409, 413, 422, 507].map((status) =>
    isPassing({ code: 'x', message: '', status }),
  )
  expect([...passing, isPassing(problemOf(fetchFailed(systemError('ECONNRESET'))))]).not.toContain(false)
  expect([...lasting, isPassing(problemOf(fetchFailed(systemError('CERT_HAS_EXPIRED'))))]).not.toContain(true)
})
