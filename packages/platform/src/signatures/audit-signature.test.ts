import { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import { OrganisationId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { generateKeyPair } from '../certificates/private-key.ts'
import { digestOf } from '../files/hash.ts'
import { archiveVerifier, checkpointVerifier, signArchive, signCheckpoint } from './audit-signature.ts'

const key = generateKeyPair()
const other = generateKeyPair()
const content = { organisationId: OrganisationId.parse('org_aaaaaaaa'), sequence: 7, hash: digestOf('x'), atMs: 1 }
const checkpoint = signCheckpoint(content, key)
const problemOf = checkpointVerifier([other.publicKeyPem, key.publicKeyPem])

test('a checkpoint is genuine for whoever trusts its key', () => {
  expect(AuditCheckpoint.parse(JSON.parse(JSON.stringify(checkpoint)))).toEqual(checkpoint)
  expect(problemOf(checkpoint)).toBeUndefined()
  expect(checkpointVerifier([other.publicKeyPem])(checkpoint)).toContain('not trusted')
})

test('nothing in it can be changed', () => {
  const changes: Partial<AuditCheckpoint>[] = [
    { sequence: 8 },
    { hash: digestOf('y') },
    { atMs: 2 },
    { organisationId: OrganisationId.parse('org_bbbbbbbb') },
    { signature: signCheckpoint({ ...content, sequence: 8 }, key).signature },
    { signature: 'aGVsbG8=' },
    { keyId: signCheckpoint(content, other).keyId },
  ]
  for (const change of changes) expect(problemOf({ ...checkpoint, ...change })).toContain('does not fit')
})

test('what is no key of an elliptic curve is refused before anything is verified', () => {
  expect(() => checkpointVerifier(['hello'])).toThrow()
})

test('an archive is signed as such, and can stand for no checkpoint', () => {
  const archive = signArchive({ ...content, firstSequence: 1, digest: digestOf('file') }, key)
  const archiveProblem = archiveVerifier([key.publicKeyPem])
  expect(archiveProblem(archive)).toBeUndefined()
  expect(archiveProblem({ ...archive, digest: digestOf('other file') })).toContain('does not fit')
  const { firstSequence: _, digest: __, ...asCheckpoint } = archive
  expect(problemOf(asCheckpoint)).toContain('does not fit')
  expect(archiveProblem({ ...checkpoint, firstSequence: 1, digest: digestOf('file') })).toContain('does not fit')
})
