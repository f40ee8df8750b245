/** SQL session: asks each group's query at its rate. Of a table that grows each row is told once, and how far it came is kept. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Reading, readingOf } from '@skerry/connectors/reading'
import {
  type OpenSession,
  type Session,
  type SessionDeps,
  type SourcePlan,
  SourceTrouble,
  type Tell,
} from '@skerry/connectors/session'
import type { SqlSource } from '@skerry/contract/sources/source'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { browseDatabase } from './browse.ts'
import { badRows, readRow, readRows } from './value.ts'
import { openWire, type Wire } from './wire.ts'

type SqlGroup = SqlSource['groups'][number]

type Asking = { wire: Wire; deps: SessionDeps; rowsMax: number; marks: Map<string, string> }

/** Connects. */
export const openSql: OpenSession<SqlSource> = async (source, deps, signal): Promise<Session> => {
  const { connection, groups } = source
  const marks = await readMarks(deps)
  const wire = await openWire(connection, deps.secrets, signal)
  const it: Asking = { wire, deps, rowsMax: connection.rowsMax, marks }
  const groupOf = (name: string) => groups.find((group) => group.name === name)
  return {
    async read({ name }): Promise<Reading> {
      const group = groupOf(name)
      return group ? readOnce(it, group) : readingOf([])
    },
    async subscribe({ name }, tell, waiting): Promise<never> {
      const group = groupOf(name)
      for (;;) {
        const startMs = deps.clock.monotonicMs()
        if (group?.grows) await tellNew(it, { group, grows: group.grows }, tell, waiting)
        else if (group) tell(await readOnce(it, group))
        const leftMs = (group?.everyMs ?? 0) - (deps.clock.monotonicMs() - startMs)
        await deps.clock.sleep(Math.max(0, leftMs), waiting)
      }
    },
    write: async () => ({ ok: false, code: 'tag_read_only', message: 'a SQL source only reads; it cannot write' }),
    browse: (path) => {
      const asked = groups.map((group) => ({ ...group, values: valuesFor(group, marks) }))
      return browseDatabase(wire, asked, path)
    },
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

/** What each group's round asks for. */
export function planSql({ groups }: SqlSource): SourcePlan {
  return {
    groups: groups.map(({ name, tags }) => ({ group: name, requests: 1, places: tags.length })),
    problems: groups.flatMap(({ tags, query, grows }) => {
      const isOdd = grows !== undefined && !query.includes('$1')
      return isOdd ? [{ tag: tags[0]?.name ?? '', message: 'the query of a table that grows needs $1' }] : []
    }),
  }
}

async function readOnce({ wire, deps, marks }: Asking, group: SqlGroup): Promise<Reading> {
  const answer = await wire.query(group.query, valuesFor(group, marks))
  const nowMs = deps.clock.nowMs()
  return answer.ok ? readRows(group, answer, nowMs) : badRows(group, answer, nowMs)
}

const valuesFor = ({ name, grows }: SqlGroup, marks: ReadonlyMap<string, string>) =>
  grows ? [marks.get(name) ?? grows.from] : []

type Growing = { group: SqlGroup; grows: NonNullable<SqlGroup['grows']> }

async function tellNew(it: Asking, growing: Growing, tell: Tell, signal: AbortSignal): Promise<void> {
  for (let isFull = true; isFull; ) {
    const { group, grows } = growing
    const answer = await it.wire.query(group.query, valuesFor(group, it.marks))
    const nowMs = it.deps.clock.nowMs()
    if (!answer.ok) return tell(badRows(group, answer, nowMs))
    const mark = answer.columns.indexOf(grows.column)
    if (mark === -1) return tell(badRows(group, unknownColumn(grows.column), nowMs))
    for (const row of answer.rows) {
      await it.deps.room(signal)
      const { reading, places } = readRow(group, answer, row, nowMs)
      if (places.length > 0) tell(reading, places)
      it.marks.set(group.name, row[mark] ?? grows.from)
    }
    if (answer.rows.length > 0) await keepMarks(it)
    isFull = answer.rows.length === it.rowsMax
  }
}

const unknownColumn = (column: string) => ({
  code: 'address_unknown',
  message: `the query returns no column ${column}`,
})

const marksPath = ({ stateFolder }: SessionDeps) => join(stateFolder, 'sql-marks.json')

async function readMarks(deps: SessionDeps): Promise<Map<string, string>> {
  const bytes = await readIfPresent(nodeFileSystem, marksPath(deps)).catch(() => undefined)
  if (!bytes) return new Map()
  try {
    const kept: unknown = JSON.parse(Buffer.from(bytes).toString())
    const entries = typeof kept === 'object' && kept !== null ? Object.entries(kept) : []
    return new Map(entries.flatMap(([name, mark]) => (typeof mark === 'string' ? [[name, mark] as const] : [])))
  } catch {
    // Marks that cannot be read are none: what grows is told from its beginning.
    return new Map()
  }
}

async function keepMarks({ deps, marks }: Asking): Promise<void> {
  try {
    await mkdir(deps.stateFolder, { recursive: true })
    await writeAtomic(nodeFileSystem, marksPath(deps), JSON.stringify(Object.fromEntries(marks)))
  } catch (cause) {
    throw new SourceTrouble('source_lost', `cannot store the reading position of the tables (${String(cause)})`, {
      cause,
    })
  }
}
