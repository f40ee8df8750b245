import { createHash } from 'node:crypto'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { JOURNAL_BROKEN, type JournalEntry } from '@skerry/contract/audit/device-journal'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { CHAIN_START } from './audit-chain.ts'
import { chainEntry, newJournal, placeOf } from './device-journal.ts'
import { addLocalRecord, type Journals, type LocalDoors } from './local-records.ts'

const hash = (text: string) => Digest.parse(`sha256:${createHash('sha256').update(text).digest('hex')}`)
const signatureOf = (of: string, key: string) => createHash('sha256').update(`${key}${of}`).digest('base64')
const doors: LocalDoors = { hash, isSigned: ({ hash: of, signature }, key) => signature === signatureOf(of, key) }
const KEY = 'the key of the device'

function entriesOf(length: number): JournalEntry[] {
  const entries: JournalEntry[] = []
  for (let at = 0; at < length; at++) {
    const last = entries.at(-1)
    const end = last ? placeOf(last) : newJournal('0123456789abcdef')
    const entry = chainEntry(end, { atMs: at, action: 'wipe-begun', detail: {} }, hash)
    entries.push({ ...entry, signature: signatureOf(entry.hash, KEY) })
  }
  return entries
}

/** A record as a hub would write it; this test does not check the hub's own chain. */
const recordOf = (action: string, detail: object, id = 'dev_aaaaaaaaaaaa'): AuditRecord =>
  ({
    organisationId: 'org_aaaaaaaaaaaa',
    sequence: 1,
    atMs: 1,
    result: 'ok',
    action,
    detail,
    actor: { kind: 'device', id, name: 'x' },
    object: { kind: 'device', id },
    previousHash: CHAIN_START,
    hash: CHAIN_START,
  }) as AuditRecord
const localOf = (entry: JournalEntry) => recordOf(`local.${entry.action}`, { entry, publicKey: KEY })

function walk(records: readonly AuditRecord[]): string | undefined {
  let journals: Journals = new Map()
  for (const record of records) {
    const step = addLocalRecord(journals, record, doors)
    if (!step.ok) return step.problem
    journals = step.journals
  }
  return undefined
}

const [one, two, three] = entriesOf(3).map(localOf) as [AuditRecord, AuditRecord, AuditRecord]

test('local records in order are valid, among other records and from any start', () => {
  expect(walk([one, recordOf('device.apply', {}), two, three])).toBeUndefined()
  expect(walk([two, three])).toBeUndefined()
  expect(walk([one, recordOf('local.wipe-begun', two.detail, 'dev_bbbbbbbbbbbb'), two])).toBeUndefined()
})

const entry = two.detail.entry as unknown as JournalEntry
test.each<[string, readonly AuditRecord[], RegExp]>([
  ['left one out', [one, three], /entries 2 to 2 are missing/],
  ['moved one entry', [two, one], /entry 1 appears in place of 3/],
  ['renamed one entry', [one, { ...two, action: 'local.agent-started' }], /it says local.agent-started/],
  [
    'recorded an invalid entry',
    [one, recordOf('local.wipe-begun', { entry: 'x' })],
    /not an entry of a device journal/,
  ],
  ['changed one entry', [one, localOf({ ...entry, atMs: 9 })], /was changed/],
])('a hub that %s is found', (_, records, problem) => {
  expect(walk(records)).toMatch(problem)
})

test('a hub that rewrote an entry with valid hashes, without the key of the device, is found', () => {
  const made = chainEntry(
    placeOf(one.detail.entry as unknown as JournalEntry),
    { atMs: 1, action: 'wipe-begun', detail: {} },
    hash,
  )
  expect(walk([one, localOf({ ...made, signature: signatureOf(made.hash, 'the key of the hub') })])).toMatch(
    /not signed/,
  )
})

test('a break that the hub has reported is skipped once', () => {
  const told = recordOf(JOURNAL_BROKEN, { sequence: 3 })
  expect(walk([one, told, three])).toBeUndefined()
  expect(walk([one, told, three, one])).toMatch(/appears in place of/)
})
