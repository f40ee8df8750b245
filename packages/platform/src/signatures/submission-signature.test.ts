import { CATALOGUE_PAYLOAD_TYPE } from '@skerry/contract/market/catalogue'
import {
  SUBMISSION_PAYLOAD_TYPE,
  type SubmissionEnvelope,
  type SubmissionStatement,
} from '@skerry/contract/market/submission'
import type { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { generateKeyPair } from '../certificates/private-key.ts'
import { signPayload } from './dsse-envelope.ts'
import { openSubmission, signSubmission } from './submission-signature.ts'

const digest = `sha256:${'a'.repeat(64)}` as Digest
const statement: SubmissionStatement = {
  v: 1,
  catalogue: 'plant',
  listing: { name: 'watch', version: '1.0.0', digest, sizeBytes: 9 },
  certificate: { digest, sizeBytes: 9, level: 1 },
}
const key = generateKeyPair()
const trusted = [generateKeyPair().publicKeyPem, key.publicKeyPem]

test('a submission is opened by the key of its publisher, and by no other one', () => {
  const envelope = signSubmission(statement, key.privateKeyPem)
  expect(openSubmission(envelope, trusted)).toMatchObject({ ok: true, statement })
  expect(openSubmission(envelope, trusted.slice(0, 1))).toMatchObject({ ok: false })
  const other = Buffer.from(JSON.stringify({ ...statement, catalogue: 'other' })).toString('base64')
  expect(openSubmission({ ...envelope, payload: other }, trusted)).toMatchObject({ ok: false })
})

test('a signature over an index of a catalogue is none over a submission, and other content is refused', () => {
  const payload = Buffer.from(JSON.stringify(statement))
  const envelopeOf = (type: string, bytes: Buffer): SubmissionEnvelope => ({
    payload: bytes.toString('base64'),
    payloadType: SUBMISSION_PAYLOAD_TYPE,
    signatures: signPayload(type, bytes, [key.privateKeyPem]),
  })
  expect(openSubmission(envelopeOf(CATALOGUE_PAYLOAD_TYPE, payload), trusted)).toMatchObject({ ok: false })
  expect(openSubmission(envelopeOf(SUBMISSION_PAYLOAD_TYPE, payload), trusted)).toMatchObject({ ok: true })
  for (const text of ['no JSON', '{"v":2}'])
    expect(openSubmission(envelopeOf(SUBMISSION_PAYLOAD_TYPE, Buffer.from(text)), trusted)).toMatchObject({ ok: false })
})
