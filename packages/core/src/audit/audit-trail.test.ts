import { createHash } from 'node:crypto'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { AuditArchive } from '@skerry/contract/audit/audit-archive'
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import { Digest } from '@skerry/contract/values/digest'
import { OrganisationId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chainRecord, EMPTY_CHAIN, type UnchainedRecord } from './audit-chain.ts'
import {
  addArchive,
  addCheckpoint,
  addRecord,
  beginTrail,
  endTrail,
  type TrailDoors,
  type TrailStart,
} from './audit-trail.ts'

const hash = (text: string) => Digest.parse(`sha256:${createHash('sha256').update(text).digest('hex')}`)
const organisationId = OrganisationId.parse('org_aaaaaaaa')

/** What real signatures are, as far as this file minds: nobody but the hub makes one. */
const signatureOf = ({ signature: _, ...content }: AuditCheckpoint) =>
  Buffer.from(`signed ${JSON.stringify(content)}`).toString('base64')
const doors: TrailDoors = {
  hash,
  signatureProblem: (checkpoint) =>
    signatureOf(checkpoint) === checkpoint.signature ? undefined : 'its signature does not fit it',
  archiveProblem: ({ signature }) => (signature === 'genuine' ? undefined : 'its signature does not fit it'),
}

type Line = AuditRecord | AuditCheckpoint
const isCheckpoint = (line: Line): line is AuditCheckpoint => 'signature' in line

const recordOf = (step: number): UnchainedRecord => ({
  organisationId,
  atMs: step,
  action: 'site.apply',
  result: 'ok',
  detail: { step },
  actor: { kind: 'key', id: 'key_a', name: 'owner' },
  object: { kind: 'site', id: `site-${step}` },
})

function sign({ sequence, hash: of }: AuditRecord): AuditCheckpoint {
  const content = {
    v: 1 as const,
    organisationId,
    sequence,
    hash: of,
    atMs: sequence,
    keyId: 'a'.repeat(64),
    signature: '',
  }
  return { ...content, signature: signatureOf(content) }
}

/** A trail with a checkpoint after each of these records. */
function trailOf(count: number, signed: readonly number[]): Line[] {
  const lines: Line[] = []
  let end = EMPTY_CHAIN
  for (let step = 1; step <= count; step++) {
    const record = chainRecord(end, recordOf(step), hash)
    end = record
    lines.push(record, ...(signed.includes(step) ? [sign(record)] : []))
  }
  return lines
}

function verify(lines: readonly Line[], start: TrailStart = { held: [] }) {
  let step = beginTrail(start, doors)
  for (const line of lines) {
    if (!step.ok) return step
    step = isCheckpoint(line) ? addCheckpoint(step.trail, line, doors) : addRecord(step.trail, line, doors)
  }
  return step.ok ? endTrail(step.trail) : step
}

const checkpointsIn = (lines: readonly Line[]) => lines.filter(isCheckpoint)
const recordsIn = (lines: readonly Line[]) => lines.filter((line): line is AuditRecord => !isCheckpoint(line))

/** Makes the records from `first` on anew, with good hashes, as one does who can write to the database but cannot sign. */
function madeAnew(lines: readonly Line[], first: number, through = Number.POSITIVE_INFINITY): Line[] {
  let end = EMPTY_CHAIN
  return lines.map((line) => {
    if (isCheckpoint(line)) return line
    const { hash: _, previousHash: __, sequence, ...content } = line
    if (sequence > through) return line
    const record = chainRecord(end, sequence === first ? { ...content, result: 'forged' } : content, hash)
    end = record
    return record
  })
}

test('a whole trail holds, and says how far it is proven', () => {
  const lines = trailOf(10, [3, 7])
  expect(verify(lines)).toMatchObject({
    ok: true,
    trail: { first: 1, end: { sequence: 10 }, provenThrough: 7, checkpoints: 2 },
  })
  expect(verify([])).toMatchObject({ ok: true, trail: { provenThrough: 0 } })
})

test('a part begins with the checkpoint before it, with one that was kept, or where it is said to begin', () => {
  const lines = trailOf(10, [3, 7])
  const part = lines.slice(3)
  expect(verify(part)).toMatchObject({ ok: true, trail: { first: 4, provenThrough: 7 } })
  expect(verify(part.slice(1), { held: checkpointsIn(lines).slice(0, 1) })).toMatchObject({
    ok: true,
    trail: { first: 4 },
  })
  expect(verify(part.slice(2), { held: [], from: 5 })).toMatchObject({
    ok: true,
    trail: { first: 5, provenThrough: 7 },
  })
  expect(verify(part.slice(1))).toMatchObject({ ok: false, sequence: 1, problem: expect.stringContaining('missing') })
  expect(verify(part.slice(2), { held: [], from: 4 })).toMatchObject({ ok: false, sequence: 4 })
  expect(verify(lines, { held: [], from: 4 })).toMatchObject({ ok: false, sequence: 4 })
})

test('what was cut off or rolled back is found by a checkpoint that was kept elsewhere, also when the trail has grown again', () => {
  const lines = trailOf(10, [3, 7])
  const [, kept] = checkpointsIn(lines) as [AuditCheckpoint, AuditCheckpoint]
  const start = { held: [kept] }
  expect(verify(lines, start)).toMatchObject({ ok: true, trail: { provenThrough: 7 } })
  expect(verify(lines.slice(0, 5), start)).toMatchObject({
    ok: false,
    sequence: 5,
    problem: expect.stringContaining('7'),
  })
  expect(verify([], start)).toMatchObject({ ok: false, sequence: 1 })
  const regrown = madeAnew(trailOf(10, []), 5).flatMap((line) => [line, sign(line as AuditRecord)])
  expect(verify(regrown, start)).toMatchObject({ ok: false, since: 1, sequence: 7 })
  expect(verify(regrown, { held: checkpointsIn(lines) })).toMatchObject({ ok: false, since: 4, sequence: 7 })
  expect(verify(lines, { held: [{ ...kept, atMs: 1 }] })).toMatchObject({ ok: false, sequence: 7 })
})

test('a checkpoint that was changed, moved, or is of another organisation is found', () => {
  const lines = trailOf(6, [2, 4])
  const other = OrganisationId.parse('org_bbbbbbbb')
  expect(verify(lines.map((line) => (isCheckpoint(line) ? { ...line, atMs: 9 } : line)))).toMatchObject({ sequence: 2 })
  const [first, second, checkpoint, ...rest] = lines as [Line, Line, Line, Line]
  expect(verify([first, second, ...rest, checkpoint])).toMatchObject({ ok: false, sequence: 2 })
  const foreign = checkpointsIn(lines).map((line) => ({ ...line, organisationId: other }))[0] as AuditCheckpoint
  const signed = { ...foreign, signature: signatureOf(foreign) }
  expect(verify([first, second, signed])).toMatchObject({ ok: false, sequence: 2 })
  expect(verify(lines, { held: [signed] })).toMatchObject({ ok: false })
})

const FIELDS = [
  'atMs',
  'actor',
  'action',
  'object',
  'source',
  'result',
  'detail',
  'previousHash',
  'hash',
  'organisationId',
] as const
const at = fc.integer({ min: 1, max: 30 })
const isLast = 30

/** What one does to the text of an export; gives what came of it and the first record that it touched. */
const tampering = fc.oneof(
  fc.tuple(fc.constant('edit' as const), at, fc.constantFrom(...FIELDS)),
  fc.tuple(fc.constant('delete' as const), fc.integer({ min: 1, max: isLast - 1 }), fc.integer({ min: 1, max: 5 })),
  // One that belongs there anyway would be no insertion.
  fc.tuple(fc.constant('repeat' as const), at, at).filter(([, where, which]) => which !== where + 1),
  fc.tuple(fc.constant('swap' as const), fc.integer({ min: 1, max: isLast - 1 }), fc.integer({ min: 1, max: 10 })),
)

function tamper(lines: readonly Line[], [kind, where, how]: [string, number, string | number]): [Line[], number] {
  const index = lines.findIndex((line) => !isCheckpoint(line) && line.sequence === where)
  if (kind === 'edit') {
    const wrong = String(how).endsWith('ash') ? hash('other') : 'other'
    return [lines.map((line, place) => (place === index ? ({ ...line, [how]: wrong } as Line) : line)), where]
  }
  if (kind === 'delete') {
    const last = Math.min(where + Number(how), isLast)
    return [lines.filter((line) => isCheckpoint(line) || line.sequence < where || line.sequence >= last), where]
  }
  const other = lines.findIndex(
    (line) => !isCheckpoint(line) && line.sequence === Math.min(where + Number(how), isLast),
  )
  if (kind === 'repeat') return [lines.toSpliced(index + 1, 0, recordsIn(lines)[Number(how) - 1] as Line), where + 1]
  const swapped = lines.toSpliced(index, 1, lines[other] as Line).toSpliced(other, 1, lines[index] as Line)
  return [swapped, where]
}

test('whatever is done to the text of an export is found, at the first record that it touches', () => {
  fc.assert(
    fc.property(tampering, fc.subarray([5, 10, 15, 20, 25]), (what, signed) => {
      const lines = trailOf(isLast, [...signed, isLast])
      expect(verify(lines).ok).toBe(true)
      const [tampered, first] = tamper(lines, what)
      const verdict = verify(tampered)
      // Where all before a checkpoint is gone, what is left is whole: it is said where it begins.
      if (verdict.ok) expect([first, verdict.trail.first - 1]).toEqual([1, checkpointsIn(tampered)[0]?.sequence])
      else expect(verdict).toMatchObject({ since: first, sequence: first })
    }),
    { numRuns: 200 },
  )
})

test('records made anew with good hashes are found within the range that is named, and cutting off the end by what was kept', () => {
  fc.assert(
    fc.property(at, at, fc.subarray([5, 10, 15, 20, 25]), (first, length, signed) => {
      const lines = trailOf(isLast, [...signed, isLast])
      for (const through of [first + length, Number.POSITIVE_INFINITY]) {
        const verdict = verify(madeAnew(lines, first, through))
        expect(verdict.ok).toBe(false)
        if (verdict.ok) return
        expect(verdict.since).toBeLessThanOrEqual(first)
        const due = Math.min(...[...signed, isLast].filter((sequence) => sequence >= first))
        expect(verdict.sequence).toBeLessThanOrEqual(Math.max(due, first + 1))
        expect(verdict.sequence).toBeGreaterThanOrEqual(first)
      }
      const cut = lines.filter((line) => line.sequence < first)
      expect(verify(cut, { held: checkpointsIn(lines).slice(-1) })).toMatchObject({ ok: false, sequence: first })
    }),
    { numRuns: 100 },
  )
})

const archiveOf = ({ sequence, hash: of }: AuditRecord, signature = 'genuine'): AuditArchive => ({
  v: 1,
  organisationId,
  firstSequence: 1,
  sequence,
  hash: of,
  digest: hash('file'),
  atMs: 0,
  keyId: 'a'.repeat(64),
  signature,
})

test('an archive stands for what was before: alone, after the records that are in it, and never for others', () => {
  const records = trailOf(9, []).filter((line) => !isCheckpoint(line)) as AuditRecord[]
  const fourth = records[3] as AuditRecord
  const walk = (begin: 'archive' | 'all', archive: AuditArchive) => {
    let step = beginTrail({ held: [] }, doors)
    const before = begin === 'all' ? records.slice(0, 4) : []
    for (const record of before) if (step.ok) step = addRecord(step.trail, record, doors)
    if (step.ok) step = addArchive(step.trail, archive, doors)
    for (const record of records.slice(4)) if (step.ok) step = addRecord(step.trail, record, doors)
    return step
  }
  const living = { ok: true, trail: { first: 5, end: { sequence: 9 }, provenThrough: 4, archives: [{ sequence: 4 }] } }
  expect(walk('archive', archiveOf(fourth))).toMatchObject(living)
  expect(walk('all', archiveOf(fourth))).toMatchObject({ ok: true, trail: { first: 1, end: { sequence: 9 } } })
  expect(walk('all', archiveOf(fourth, 'made up'))).toMatchObject({ ok: false, sequence: 4 })
  expect(walk('archive', archiveOf(fourth, 'made up'))).toMatchObject({ ok: false, sequence: 1 })
  const other = { ...archiveOf(fourth), hash: hash('other') }
  expect(walk('all', other)).toMatchObject({ ok: false, sequence: 4, since: 1 })
  expect(walk('archive', other)).toMatchObject({
    ok: false,
    sequence: 5,
    problem: expect.stringContaining('hash of record 4'),
  })
  expect(walk('all', archiveOf(records[6] as AuditRecord))).toMatchObject({ ok: false, sequence: 5 })
})
