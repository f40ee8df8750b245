/**
 * Capture store: the captured rows on the device's disk. Each row is encrypted with the store key; a database of their
 * places makes it a ring with limits of rows, bytes and age. A row is on the disk whole or not at all.
 */
import { createHmac } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { DatabaseSync } from 'node:sqlite'
import { CapturedRow } from '@skerry/contract/captures/capture'
import type { DeviceLabel } from '@skerry/contract/captures/device-labels'
import type { CaptureRule } from '@skerry/contract/held/captures'
import { addColumn, type Migration, openDatabase, transaction } from '@skerry/platform/files/sqlite'
import { openBox, sealBox } from '@skerry/platform/sealing/secret-box'

const PURPOSE = 'skerry captured row v1'
const LABEL_PURPOSE = 'skerry label of a captured row v1'

/** Names of requests may be personal too, so the table has keyed digests of them. */
const migrations: readonly Migration[] = [
  {
    name: 'captures',
    sql: `CREATE TABLE capture (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        model TEXT NOT NULL,
        request BLOB NOT NULL,
        subject TEXT,
        at_ms INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        box BLOB NOT NULL,
        UNIQUE (model, request)
      ) STRICT;
      CREATE INDEX capture_by_subject ON capture (subject) WHERE subject IS NOT NULL;
      CREATE INDEX capture_by_time ON capture (model, at_ms);`,
  },
  {
    name: 'orders',
    sql: 'CREATE TABLE capture_order (model TEXT PRIMARY KEY, id TEXT NOT NULL, kept INTEGER NOT NULL) STRICT;',
  },
]

export type StoredRow = Omit<CapturedRow, 'place'>

export type CaptureQuery = {
  model: string
  limit: number
  before?: number | undefined
  requests?: readonly string[] | undefined
}

/** A label that the hub has for a row. */
export type RowLabel = Pick<DeviceLabel, 'model' | 'request' | 'atMs' | 'label'>

/** A row with a sealed label, and the keyed digest of its request. Other bytes are another label. */
export type LabelledPlace = { place: number; digest: Uint8Array; sealed: Uint8Array }

export type CaptureStore = Disposable & {
  /** A later row of the same request replaces the earlier one. Rows of the order count for it, also when they are gone. */
  add(model: string, rows: readonly StoredRow[], order?: CaptureRule['order']): void
  /** The rows that were kept for the order. */
  keptFor(model: string, order: string): number
  /** Deletes rows over the limits, and those of models without a rule. */
  trim(rules: readonly CaptureRule[], nowMs: number): void
  /** Deletes the rows about these subjects. Returns their number. */
  erase(subjects: readonly string[]): number
  /** Newest first. */
  read(query: CaptureQuery): CapturedRow[]
  count(model: string): number
  /** A label whose row is gone, or has been replaced by a later one, is dropped. Returns the number of labelled rows. */
  label(labels: readonly RowLabel[]): number
  /** The labelled rows of the model, in the order of the digests. It stays when rows come and go. */
  labelled(model: string): LabelledPlace[]
  /** Undefined for a label that another key sealed. */
  openLabel(sealed: Uint8Array): string | undefined
  /** Undefined if the row is gone. No other row ever has its place. */
  rowAt(place: number): CapturedRow | undefined
}

/** Opens the store. A damaged one is deleted: rows are copies, and a part of a file cannot be erased by subject. */
export async function openCaptureStore(path: string, key: Uint8Array): Promise<CaptureStore> {
  const opened = openDatabase(path, migrations)
  if (opened.ok) return createStore(opened.database, key)
  for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true })
  const anew = openDatabase(path, migrations)
  if (!anew.ok) throw new Error(anew.message)
  return createStore(anew.database, key)
}

function createStore(database: DatabaseSync, key: Uint8Array): CaptureStore {
  // [sqlite.org/pragma.html#pragma_secure_delete] Deleted rows are overwritten with zeros.
  database.exec('PRAGMA secure_delete = ON')
  // The label lies in the row, so that whatever deletes the row deletes its label. The words of people are sealed too.
  addColumn(database, { table: 'capture', name: 'label', type: 'BLOB' })
  const keyOf = (request: string) => createHmac('sha256', key).update(`captured request\0${request}`).digest()
  // A row that is stored again, because an alarm marks it, keeps its label. A later row of the same request has none yet.
  const insert = database.prepare(
    `INSERT OR REPLACE INTO capture (model, request, subject, at_ms, bytes, box, label) VALUES (?, ?, ?, ?, ?, ?,
       (SELECT label FROM capture WHERE model = ? AND request = ? AND at_ms = ?))`,
  )
  const setLabel = database.prepare(
    'UPDATE capture SET label = ?, bytes = length(box) + ? WHERE model = ? AND request = ? AND at_ms = ?',
  )
  const labelledPlaces = database.prepare(
    'SELECT place, request, label FROM capture WHERE model = ? AND label IS NOT NULL ORDER BY request',
  )
  const rowAt = database.prepare('SELECT box FROM capture WHERE place = ?')
  const eraseOne = database.prepare('DELETE FROM capture WHERE subject = ?')
  const count = database.prepare('SELECT count(*) AS rows FROM capture WHERE model = ?')
  const orderKept = database.prepare('SELECT kept FROM capture_order WHERE model = ? AND id = ?')
  const countOrdered = database.prepare(
    `INSERT INTO capture_order (model, id, kept) VALUES (?, ?, ?)
     ON CONFLICT (model) DO UPDATE SET kept = CASE WHEN id = excluded.id THEN kept ELSE 0 END + excluded.kept, id = excluded.id`,
  )
  const page = database.prepare(
    'SELECT place, box FROM capture WHERE model = ? AND place < ? ORDER BY place DESC LIMIT ?',
  )
  const one = database.prepare('SELECT place, box FROM capture WHERE model = ? AND request = ?')
  return {
    keptFor: (model, order) => Number(orderKept.get(model, order)?.kept ?? 0),
    add: (model, rows, order) =>
      transaction(database, () => {
        const ordered = rows.filter(({ reason }) => reason === 'monitor').length
        if (order && ordered > 0) countOrdered.run(model, order.id, ordered)
        for (const row of rows) {
          const box = sealBox(key, Buffer.from(JSON.stringify(row)), PURPOSE)
          const request = keyOf(row.request)
          const known = [model, request, row.atMs] as const
          insert.run(model, request, row.subject ?? null, row.atMs, box.byteLength, box, ...known)
        }
      }),
    trim: (rules, nowMs) => trim(database, rules, nowMs),
    erase(subjects) {
      const erased = transaction(database, () =>
        subjects.reduce((sum, subject) => sum + Number(eraseOne.run(subject).changes), 0),
      )
      // The log of the database has copies of pages until it is emptied.
      if (erased > 0) database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      return erased
    },
    read({ model, limit, before, requests }) {
      const found = requests
        ? requests.slice(0, limit).flatMap((request) => one.all(model, keyOf(request)))
        : page.all(model, before ?? Number.MAX_SAFE_INTEGER, limit)
      return found.flatMap(({ place, box }) => rowIn(key, Number(place), box))
    },
    count: (model) => Number(count.get(model)?.rows),
    label: (labels) =>
      transaction(database, () =>
        labels.reduce((sum, { model, request, atMs, label }) => {
          const sealed = sealBox(key, Buffer.from(label), LABEL_PURPOSE)
          return sum + Number(setLabel.run(sealed, sealed.byteLength, model, keyOf(request), atMs).changes)
        }, 0),
      ),
    labelled: (model) =>
      labelledPlaces.all(model).flatMap(({ place, request, label }) => {
        if (!(label instanceof Uint8Array && request instanceof Uint8Array)) return []
        return [{ place: Number(place), digest: request, sealed: label }]
      }),
    openLabel: (sealed) => openBox(key, sealed, LABEL_PURPOSE)?.toString('utf8'),
    rowAt: (place) => rowIn(key, place, rowAt.get(place)?.box)[0],
    [Symbol.dispose]: () => database.close(),
  }
}

/** A row of an earlier key, or a changed one, does not open: it counts as lost. */
function rowIn(key: Uint8Array, place: number, box: unknown): CapturedRow[] {
  const plain = box instanceof Uint8Array ? openBox(key, box, PURPOSE) : undefined
  if (!plain) return []
  const read = CapturedRow.safeParse({ ...JSON.parse(plain.toString('utf8')), place })
  return read.success ? [read.data] : []
}

function trim(database: DatabaseSync, rules: readonly CaptureRule[], nowMs: number): void {
  transaction(database, () => {
    const models = JSON.stringify(rules.map(({ model }) => model))
    database.prepare('DELETE FROM capture WHERE model NOT IN (SELECT value FROM json_each(?))').run(models)
    for (const { model, keep, keepBytes, forSeconds } of rules) {
      database.prepare('DELETE FROM capture WHERE model = ? AND at_ms < ?').run(model, nowMs - forSeconds * 1_000)
      // The running sum of bytes goes from the newest row to the oldest.
      database
        .prepare(
          `DELETE FROM capture WHERE place IN (
             SELECT place FROM (
               SELECT place, row_number() OVER newest AS number, sum(bytes) OVER newest AS total
               FROM capture WHERE model = ? WINDOW newest AS (ORDER BY place DESC)
             ) WHERE number > ? OR total > ?
           )`,
        )
        .run(model, keep, keepBytes)
    }
  })
}
