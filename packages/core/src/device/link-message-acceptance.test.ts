import { LinkSession, type LinkStatement } from '@skerry/contract/link/link-message'
import type { Digest } from '@skerry/contract/values/digest'
import { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { type LinkMessageFacts, linkMessageProblem } from './link-message-acceptance.ts'

const digest = `sha256:${'a'.repeat(64)}` as Digest
const statement: LinkStatement = {
  v: 1,
  deviceId: DeviceId.parse('dev_aaaaaaaaaaaa'),
  stream: 'jobs',
  session: LinkSession.parse('s'.repeat(22)),
  revision: 3,
  expiresAtMs: 1_000,
  digest,
}
const facts: LinkMessageFacts = { ...statement, revision: 2, nowMs: 999 }

test('a message for this device, this connection and now is obeyed', () => {
  expect(linkMessageProblem(statement, facts)).toBeUndefined()
})

test.each<[string, Partial<LinkMessageFacts>]>([
  ['another device', { deviceId: DeviceId.parse('dev_bbbbbbbbbbbb') }],
  ['another connection', { session: LinkSession.parse('t'.repeat(22)) }],
  ['another stream', { stream: 'desired' }],
  ['another message', { digest: `sha256:${'b'.repeat(64)}` as Digest }],
  ['a message that came before', { revision: 3 }],
  ['an expired message for another connection', { session: LinkSession.parse('t'.repeat(22)), nowMs: 1_000 }],
])('%s proves no hub', (_, changed) => {
  const problem = linkMessageProblem(statement, { ...facts, ...changed })
  expect(problem).toEqual({ kind: 'unproved', why: expect.any(String) })
})

test.each<[string, Partial<LinkMessageFacts>]>([
  ['an expired message', { nowMs: 1_000 }],
  ['a message of a hub that has not said its time', { nowMs: undefined }],
])('%s is rejected, and is no sign of another hub', (_, changed) => {
  expect(linkMessageProblem(statement, { ...facts, ...changed })).toEqual({ kind: 'expired', why: 'it has expired' })
})
