/** Check upgrade: a dry run of the database's upgrade. It works on a copy, so a hub may run meanwhile. */
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemClock } from '@skerry/platform/process/clock'
import { copyDatabase, openSqliteStore } from './sqlite-store.ts'

type Place = { data: string; databaseUrl: string | undefined }
type CheckResult = { ok: true } | { ok: false; code: string; message: string }

/** Prints each step with its time, or the reason why this version cannot open the database. */
export async function checkUpgrade({ data, databaseUrl }: Place, say: (text: string) => void): Promise<CheckResult> {
  if (databaseUrl !== undefined) {
    const message =
      'the dry run is for SQLite; with PostgreSQL, restore a dump into another database and start a hub there'
    return { ok: false, code: 'upgrade_unchecked', message }
  }
  const path = join(data, 'hub.sqlite')
  if (!(await stat(path).catch(() => undefined))) {
    return { ok: false, code: 'upgrade_unchecked', message: `${path} does not exist, so there is nothing to upgrade` }
  }
  const copy = join(data, `.upgrade-${process.pid}.sqlite`)
  const steps: string[] = []
  try {
    const database = new DatabaseSync(path, { readOnly: true })
    await copyDatabase(database, copy).finally(() => database.close())
    const log = {
      warn: () => {},
      info: (_: string, fields: object = {}) => void steps.push(stepText(fields)),
    }
    const opened = await openSqliteStore(copy, systemClock.nowMs(), log)
    if (!opened.ok) return opened
    await opened.store[Symbol.asyncDispose]()
    say(steps.length === 0 ? 'The database is up to date.\n' : `The upgrade works, on a copy:\n${steps.join('')}`)
    return { ok: true }
  } finally {
    for (const suffix of ['', '-wal', '-shm', '.partial']) await rm(copy + suffix, { force: true })
    const names = await readdir(data)
    for (const name of names) if (name.startsWith(`${basename(copy)}.before-`)) await rm(join(data, name))
  }
}

function stepText(fields: object): string {
  const { step, ms } = fields as { step: string; ms: number }
  return `  ${step}  ${Math.round(ms)} ms\n`
}
