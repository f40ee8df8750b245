import { createHash } from 'node:crypto'
import type { BatchStatement } from '@skerry/contract/batches/job'
import { Digest } from '@skerry/contract/values/digest'
import { BatchId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { growDeviceTree } from './device-tree.ts'
import { type JobFacts, jobProblem } from './job-acceptance.ts'

const digestOf = (text: string) => Digest.parse(`sha256:${createHash('sha256').update(text).digest('hex')}`)

const [device, other, stranger] = ['dev_aaaaaaaa', 'dev_bbbbbbbb', 'dev_cccccccc'].map((id) => DeviceId.parse(id))
if (!device || !other || !stranger) throw new Error('three devices')
const tree = growDeviceTree([device, other], digestOf)
const proof = tree.proofOf(device) ?? []
const key = { batchId: BatchId.parse('bat_aaaaaaaa'), attempt: 1 }
const statement: BatchStatement = {
  v: 1,
  organisationId: OrganisationId.parse('org_aaaaaaaa'),
  ...key,
  command: { kind: 'reboot-agent' },
  startAtMs: 1_000_000,
  expiresAtMs: 2_000_000,
  devicesRoot: tree.root,
}
const facts: JobFacts = { deviceId: device, organisationId: 'org_aaaaaaaa', nowMs: 1_000_000, hash: digestOf }

test('a device does what is signed for it, and counts now', () => {
  expect(jobProblem(statement, { key, proof }, facts)).toBeUndefined()
  expect(jobProblem(statement, { key, proof }, { ...facts, organisationId: undefined })).toBeUndefined()
  expect(jobProblem(statement, { key, proof }, { ...facts, nowMs: 1_999_999 })).toBeUndefined()
  expect(jobProblem(statement, { key, proof }, { ...facts, nowMs: 940_000 })).toBeUndefined()
})

test.each([
  ['another device', { deviceId: stranger }, {}, 'job_misdirected'],
  ["another device's proof", { deviceId: other }, {}, 'job_misdirected'],
  ['another organisation', { organisationId: 'org_bbbbbbbb' }, {}, 'job_misdirected'],
  ['another attempt', {}, { attempt: 2 }, 'job_misdirected'],
  ['another batch', {}, { batchId: BatchId.parse('bat_bbbbbbbb') }, 'job_misdirected'],
  ['after its expiry', { nowMs: 2_000_000 }, {}, 'job_expired'],
  ['long before its start', { nowMs: 939_999 }, {}, 'job_early'],
])('refuses one for %s', (_, otherFacts, otherKey, code) => {
  const problem = jobProblem(statement, { key: { ...key, ...otherKey }, proof }, { ...facts, ...otherFacts })
  expect(problem?.code).toBe(code)
})
