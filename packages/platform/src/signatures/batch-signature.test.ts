import { BATCH_PAYLOAD_TYPE, type BatchStatement } from '@skerry/contract/batches/job'
import { BatchId, OrganisationId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { generateKeyPair } from '../certificates/private-key.ts'
import { digestOf } from '../files/hash.ts'
import { signBatch, verifyBatch } from './batch-signature.ts'

const keys = generateKeyPair()
const statement: BatchStatement = {
  v: 1,
  organisationId: OrganisationId.parse('org_aaaaaaaa'),
  batchId: BatchId.parse('bat_aaaaaaaa'),
  attempt: 1,
  command: { kind: 'relabel', set: { line: '4' }, remove: [] },
  startAtMs: 1,
  expiresAtMs: 2,
  devicesRoot: digestOf('devices'),
}
const envelope = signBatch(statement, keys)

test('what was signed is what is read', () => {
  expect(verifyBatch(envelope, [generateKeyPair().publicKeyPem, keys.publicKeyPem])).toEqual({ ok: true, statement })
})

test('nothing else is believed', () => {
  const changed = Buffer.from(envelope.payload, 'base64').toString('utf8').replace('"expiresAtMs":2', '"expiresAtMs":9')
  const payload = Buffer.from(changed).toString('base64')
  expect(payload).not.toBe(envelope.payload)
  const codeOf = (given: typeof envelope, trusted = [keys.publicKeyPem]) => {
    const verdict = verifyBatch(given, trusted)
    return verdict.ok ? 'ok' : verdict.code
  }
  expect(codeOf({ ...envelope, payload })).toBe('job_signature_invalid')
  expect(codeOf(envelope, [generateKeyPair().publicKeyPem])).toBe('job_signature_untrusted')
  const unknown = { ...statement, onlyOnSundays: true } as BatchStatement
  expect(codeOf(signBatch(unknown, keys))).toBe('job_unreadable')
  expect(envelope.payloadType).toBe(BATCH_PAYLOAD_TYPE)
})
