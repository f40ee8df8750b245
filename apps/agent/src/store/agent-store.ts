/**
 * Agent store: the state that the device must know after any crash. It has the newest desired document, the life of
 * each item (with its last good version and its remembered failures), and the device's progress. It is written before
 * it is acted upon, and `synchronous FULL` makes each write durable. Invariant: the getters return the state on disk. A
 * write that fails throws and changes neither.
 */
import type { DatabaseSync } from 'node:sqlite'
import { AgentConfiguration } from '@skerry/contract/batches/batch-command'
import { type DesiredItem, DocumentMessage, type ReadDocument, readDocument } from '@skerry/contract/devices/desired'
import { isKind } from '@skerry/contract/kinds/kinds'
import { type ItemEvent, type ItemLife, newItemLife, stepItem } from '@skerry/core/device/item-life'
import type { RememberedFailure } from '@skerry/core/device/remembered-failure'
import { openDatabase, transaction } from '@skerry/platform/files/sqlite'
import * as z from 'zod'
import type { OpenRows } from '../monitors/monitor-board.ts'
import { type AuditJournal, openAuditJournal } from './audit-journal.ts'
import { type JobJournal, openJobJournal } from './job-journal.ts'
import { migrations } from './migrations.ts'

/** The newest intent, as this agent reads it, and the time since it applies. */
export type FollowedDocument = ReadDocument & { sinceMs: number }

export type AgentStore = Disposable & {
  document(): FollowedDocument | undefined
  /** Stores the newest intent. It is kept in its original form: a newer agent may read items that this one rejects. */
  saveDocument(document: DocumentMessage): void
  lives(): readonly ItemLife[]
  /** Applies an event to an item, and returns its new life. A new item begins with `targeted`. */
  tell(item: DesiredItem, event: ItemEvent): ItemLife
  /** The item is gone. Its failures stay remembered. */
  forget(name: string): void
  /** The newest generation in which all items were active. */
  lastGoodGeneration(): number
  saveLastGoodGeneration(generation: number): void
  /** The latest time that has certainly passed, by this device's clock or the hub's. */
  latestTimeMs(): number
  saveLatestTime(timeMs: number): void
  /** Rows of open windows of monitors, which are lost if all processes end now. */
  openRows(): readonly OpenRows[]
  saveOpenRows(rows: readonly OpenRows[]): void
  /** The configuration that a batch has set, beside the command line. */
  configuration(): AgentConfiguration
  saveConfiguration(configuration: AgentConfiguration): void
  readonly jobs: JobJournal
  /** The damage of the file, by its own checks. Undefined if there is none. */
  damage(): string | undefined
}

/** With the journal of local actions, which a simulated device does not have. */
export type JournalledStore = AgentStore & { readonly audit: AuditJournal }

export type OpenStoreResult = { ok: true; store: JournalledStore } | { ok: false; code: string; message: string }

/** Opens the store, or creates it. */
export function openAgentStore(path: string, clock: { nowMs(): number }): OpenStoreResult {
  const opened = openDatabase(path, migrations)
  return opened.ok ? { ok: true, store: createStore(opened.database, clock) } : opened
}

function createStore(database: DatabaseSync, clock: { nowMs(): number }): JournalledStore {
  const facts = openFacts(database)
  const saved = facts.get('document')
  const numberOf = (name: string) => Number(facts.get(name) ?? 0)
  const followed = (message: DocumentMessage): FollowedDocument => ({
    ...readDocument(message),
    sinceMs: numberOf('document_since_ms'),
  })
  let document = saved === undefined ? undefined : followed(DocumentMessage.parse(JSON.parse(saved)))
  const lives = new Map(readLives(database).map((life) => [life.target.name, life]))
  const saveLife = database.prepare(
    'INSERT INTO item (name, life) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET life = excluded.life',
  )
  const failures = openFailures(database)
  const removeLife = database.prepare('DELETE FROM item WHERE name = ?')
  let configuration = readConfiguration(facts.get('configuration'))
  return {
    document: () => document,
    saveDocument(next) {
      transaction(database, () => {
        facts.set('document_since_ms', String(clock.nowMs()))
        facts.set('document', JSON.stringify(next))
      })
      document = followed(next)
    },
    lives: () => [...lives.values()],
    tell(item, event) {
      const life = lives.get(item.name)
      const next = life
        ? stepItem(life, event, clock.nowMs())
        : newItemLife(item, clock.nowMs(), failures.of(item.name))
      if (next === life) return life
      saveLife.run(item.name, JSON.stringify(next))
      lives.set(item.name, next)
      return next
    },
    forget(name) {
      transaction(database, () => {
        failures.save(name, lives.get(name)?.failures ?? [])
        removeLife.run(name)
      })
      lives.delete(name)
    },
    lastGoodGeneration: () => numberOf('last_good_generation'),
    saveLastGoodGeneration: (generation) => facts.set('last_good_generation', String(generation)),
    latestTimeMs: () => numberOf('latest_time_ms'),
    saveLatestTime: (timeMs) => facts.set('latest_time_ms', String(timeMs)),
    openRows: () => OpenRowsList.safeParse(JSON.parse(facts.get('open_rows') ?? '[]')).data ?? [],
    saveOpenRows: (rows) => facts.set('open_rows', JSON.stringify(rows)),
    configuration: () => configuration,
    saveConfiguration(next) {
      facts.set('configuration', JSON.stringify(next))
      configuration = next
    },
    jobs: openJobJournal(database),
    audit: openAuditJournal(database),
    damage: () => damageOf(database),
    [Symbol.dispose]: () => database.close(),
  }
}

/** Rows in the form of a newer agent are not counted. */
const OpenRowsList = z.array(z.object({ model: z.string(), version: z.string(), rows: z.int().min(1) }))

/** A configuration of a newer agent that this one cannot parse is ignored. */
function readConfiguration(saved: string | undefined): AgentConfiguration {
  return (saved === undefined ? undefined : AgentConfiguration.safeParse(JSON.parse(saved)).data) ?? {}
}

/** [sqlite.org/pragma.html#pragma_quick_check] One row with the text ok. */
function damageOf(database: DatabaseSync): string | undefined {
  const words = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {}).map(String)
  return words[0] === 'ok' ? undefined : words.join('; ')
}

/**
 * This program wrote it, and SQLite checked it at the opening. A newer program brings a migration when the form
 * changes. A life of a kind that this program does not know stays in the file for the program that does.
 */
function readLives(database: DatabaseSync): ItemLife[] {
  const rows = database.prepare('SELECT life FROM item ORDER BY name').all()
  const lives = rows.map(({ life }): ItemLife => JSON.parse(String(life)))
  return lives.filter(({ target }) => isKind(target.kind))
}

/** Failures of items that the device does not have any more. */
function openFailures(database: DatabaseSync) {
  const select = database.prepare('SELECT failures FROM failure WHERE name = ?')
  const upsert = database.prepare(
    'INSERT INTO failure (name, failures) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET failures = excluded.failures',
  )
  return {
    of: (name: string): RememberedFailure[] => JSON.parse(String(select.get(name)?.failures ?? '[]')),
    save: (name: string, failures: readonly RememberedFailure[]) => void upsert.run(name, JSON.stringify(failures)),
  }
}

function openFacts(database: DatabaseSync) {
  const select = database.prepare('SELECT value FROM fact WHERE name = ?')
  const upsert = database.prepare(
    'INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  return {
    get: (name: string) => {
      const row = select.get(name)
      return row === undefined ? undefined : String(row.value)
    },
    set: (name: string, value: string) => void upsert.run(name, value),
  }
}
