import { createHash } from 'node:crypto'
import { JournalEntry, type JournalPlace } from '@skerry/contract/audit/device-journal'
import { Digest } from '@skerry/contract/values/digest'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chainEntry, type EntryDoors, newJournal, placeOf, takePage } from './device-journal.ts'

const hash = (text: string) => Digest.parse(`sha256:${createHash('sha256').update(text).digest('hex')}`)
/** A signature that only whoever knows the word can make. */
const signatureOf = (of: string, word = 'device') => createHash('sha256').update(`${word}${of}`).digest('base64')
const doors: EntryDoors = { hash, isSigned: (entry) => entry.signature === signatureOf(entry.hash) }

const ID = '0123456789abcdef'

function journalOf(length: number, journal = ID): JournalEntry[] {
  const entries: JournalEntry[] = []
  let end = newJournal(journal)
  for (let at = 0; at < length; at++) {
    const entry = chainEntry(end, { atMs: 1_000 + at, action: 'agent-started', detail: { at } }, hash)
    entries.push(JournalEntry.parse({ ...entry, signature: signatureOf(entry.hash) }))
    end = placeOf(entry)
  }
  return entries
}
const endOf = (entries: readonly JournalEntry[]): JournalPlace => placeOf(entries.at(-1) ?? newJournal(ID))
const take = (held: JournalPlace | undefined, entries: readonly JournalEntry[], end = endOf(entries)) =>
  takePage(held, { end, entries }, doors)
const broken = ({ steps }: ReturnType<typeof take>) => steps.flatMap((step) => (step.kind === 'broken' ? [step] : []))
const taken = ({ steps }: ReturnType<typeof take>) =>
  steps.flatMap((step) => (step.kind === 'entry' ? [step.entry] : []))

test('in whatever pages entries come, and how often, each is taken once, in order, and nothing is wrong', () => {
  const entries = journalOf(20)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 30 }), (pages) => {
      let held: JournalPlace | undefined
      const all: number[] = []
      for (const [from, length] of [...pages, [0, 20] as const]) {
        // A device sends from where the hub says that it stands, or from before that.
        const start = Math.min(from, held?.sequence ?? 0)
        const verdict = take(held, entries.slice(start, start + length), endOf(entries))
        expect(broken(verdict)).toEqual([])
        all.push(...taken(verdict).map(({ sequence }) => sequence))
        held = verdict.place
      }
      expect(all).toEqual(entries.map(({ sequence }) => sequence))
    }),
  )
})

test.each<[string, (entries: JournalEntry[]) => JournalEntry[], number, RegExp]>([
  ['edited', (all) => all.with(3, { ...(all[3] as JournalEntry), action: 'agent-stopped' }), 4, /was changed/],
  ['moved in time', (all) => all.with(3, { ...(all[3] as JournalEntry), atMs: 5 }), 4, /was changed/],
  ['taken out', (all) => all.toSpliced(3, 2), 6, /entries 4 to 5 are missing/],
  ['the first taken out', (all) => all.slice(1), 2, /entries 1 to 1 are missing/],
  ['put twice', (all) => all.toSpliced(4, 0, { ...(all[4] as JournalEntry), sequence: 6 }), 6, /was changed/],
  [
    'given another signature',
    (all) => all.with(3, { ...(all[3] as JournalEntry), signature: signatureOf('x') }),
    4,
    /not signed/,
  ],
  [
    'made anew with good hashes, and no key',
    (all) => {
      const forged = {
        ...chainEntry(placeOf(all[2] as JournalEntry), { atMs: 1, action: 'x', detail: {} }, hash),
        signature: signatureOf('x', 'thief'),
      }
      return all.with(3, forged)
    },
    4,
    /not signed/,
  ],
])('an entry that was %s is named, and told once', (_, tamper, sequence, problem) => {
  const verdict = take(undefined, tamper(journalOf(9)))
  expect(broken(verdict)[0]).toMatchObject({ sequence, problem: expect.stringMatching(problem) })
  expect(broken(take(verdict.place, tamper(journalOf(9))))).toEqual([])
})

test('two entries in each other’s place are found', () => {
  const [one, two, three, four] = journalOf(4) as [JournalEntry, JournalEntry, JournalEntry, JournalEntry]
  expect(broken(take(undefined, [one, three, two, four]))[0]).toMatchObject({
    sequence: 3,
    problem: expect.stringMatching(/are missing/),
  })
})

test('a device that lost entries which are here, or begins anew, is found', () => {
  const entries = journalOf(9)
  const held = take(undefined, entries).place
  expect(broken(take(held, [], endOf(entries.slice(0, 5))))).toMatchObject([
    { sequence: 6, problem: expect.stringMatching(/lost entries 6 to 9/) },
  ])
  const anew = journalOf(3, 'f'.repeat(16))
  const verdict = take(held, anew)
  expect(broken(verdict)).toMatchObject([
    { sequence: 1, problem: expect.stringMatching(/starts again; the hub has 9 entries/) },
  ])
  expect(verdict.place).toEqual(endOf(anew))
})
