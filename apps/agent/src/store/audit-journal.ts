/**
 * Audit journal: entries that the hub is not known to have, and where the journal ends. One transaction an entry: after a power cut it is there whole,
 * with the end that belongs to it, or not at all.
 */
import type { DatabaseSync } from 'node:sqlite'
import { JournalEntry, JournalPlace } from '@skerry/contract/audit/device-journal'
import { transaction } from '@skerry/platform/files/sqlite'

export type AuditJournal = {
  /** Undefined before the first entry. */
  end(): JournalPlace | undefined
  /** What was written last, also where the hub has it. */
  last(): Pick<JournalEntry, 'action' | 'atMs'> | undefined
  append(entry: JournalEntry): void
  /** Those behind the sequence, oldest first. What somebody made unreadable is passed over: the hub sees the gap. */
  after(sequence: number, limit: number): JournalEntry[]
  count(): number
  /** The hub has everything up to there. */
  forgetThrough(sequence: number): void
  /** Begins anew; entries that the hub does not have go with it. */
  begin(place: JournalPlace): void
  /** What the device remembers beside its entries, by name. */
  recall(name: string): string | undefined
  remember(name: string, value: string): void
}

/** Opens the journal in the device's database. */
export function openAuditJournal(database: DatabaseSync): AuditJournal {
  const note = database.prepare('SELECT value FROM journal_note WHERE name = ?')
  const saveNote = database.prepare(
    'INSERT INTO journal_note (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const insert = database.prepare('INSERT INTO journal (sequence, entry) VALUES (?, ?)')
  const select = database.prepare('SELECT entry FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?')
  const count = database.prepare('SELECT count(*) AS count FROM journal')
  const forget = database.prepare('DELETE FROM journal WHERE sequence <= ?')
  const recall = (name: string) => {
    const row = note.get(name)
    return row && String(row.value)
  }
  const saveEnd = (place: JournalPlace) => void saveNote.run('end', JSON.stringify(place))
  return {
    end: () => parsed(JournalPlace, recall('end') ?? ''),
    last: () => parsed(JournalEntry.pick({ action: true, atMs: true }), recall('last') ?? ''),
    append(entry) {
      transaction(database, () => {
        insert.run(entry.sequence, JSON.stringify(entry))
        saveEnd({ journal: entry.journal, sequence: entry.sequence, hash: entry.hash })
        saveNote.run('last', JSON.stringify({ action: entry.action, atMs: entry.atMs }))
      })
    },
    after: (sequence, limit) =>
      select.all(sequence, limit).flatMap((row) => parsed(JournalEntry, String(row.entry)) ?? []),
    count: () => Number(count.get()?.count),
    forgetThrough: (sequence) => void forget.run(sequence),
    begin(place) {
      transaction(database, () => {
        forget.run(Number.MAX_SAFE_INTEGER)
        saveEnd(place)
      })
    },
    recall,
    remember: (name, value) => void saveNote.run(name, value),
  }
}

function parsed<T>(schema: { safeParse(value: unknown): { data?: T } }, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
