/** PostgreSQL copy: the database of a hub as one file, by the programs of PostgreSQL itself. */
import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fail } from '../../../program/failure.ts'

const run = promisify(execFile)

/** pg_dump lists what it skips, if a server is newer. One line says the reason. */
const OUTPUT_BYTES_MAX = 16 * 1024 ** 2

/** [postgresql.org/docs/current/app-pgdump.html] A consistent copy of one moment, while hubs write. */
export async function dumpPostgres(url: string, file: string, signal: AbortSignal): Promise<number> {
  const words = ['--format=custom', '--no-owner', '--no-privileges', `--file=${file}`]
  const version = await queryPostgres(url, 'select coalesce(max(version), 0) from schema_versions', signal)
  await runProgram(await programFor('pg_dump', url, signal), words, url, signal)
  return Number(version)
}

/** All of it or nothing: one transaction. The database must be empty. */
export async function restorePostgres(url: string, file: string, signal: AbortSignal): Promise<void> {
  const words = ['--exit-on-error', '--single-transaction', '--no-owner', '--no-privileges', file]
  await runProgram(await programFor('pg_restore', url, signal), words, url, signal)
}

/**
 * Debian keeps the programs of each version in a folder of its own. A program that is older than the server refuses, and
 * a newer one may write settings that the server does not know. So the nearest version is the best.
 */
async function programFor(name: string, url: string, signal: AbortSignal): Promise<string> {
  const server = Number(await queryPostgres(url, 'show server_version_num', signal))
  const versions = (await readdir(PROGRAMS).catch(() => [])).map(Number).toSorted((a, b) => a - b)
  for (const version of versions.filter((one) => one >= Math.floor(server / 10_000))) {
    const path = join(PROGRAMS, String(version), 'bin', name)
    if (await stat(path).catch(() => undefined)) return path
  }
  return name
}

const PROGRAMS = '/usr/lib/postgresql'

const TABLES = `select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`

export async function requireEmptyDatabase(url: string, signal: AbortSignal): Promise<void> {
  const count = await queryPostgres(url, TABLES, signal)
  if (count !== '0') throw fail('database_taken', `the database has ${count} tables; a restore overwrites nothing`)
}

async function queryPostgres(url: string, statement: string, signal: AbortSignal): Promise<string> {
  const words = ['--no-psqlrc', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1', `--command=${statement}`]
  return (await runProgram('psql', words, url, signal)).trim()
}

async function runProgram(
  program: string,
  words: readonly string[],
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const { address, password } = partsOf(url)
  // Other people on this machine can read the words of a command, and not its environment.
  const env = { ...process.env, ...(password !== '' && { PGPASSWORD: password }) }
  const place = [`--dbname=${address}`, '--no-password']
  try {
    const { stdout } = await run(program, [...place, ...words], { env, signal, maxBuffer: OUTPUT_BYTES_MAX })
    return stdout
  } catch (cause) {
    signal.throwIfAborted()
    throw failureOf(program, cause as NodeJS.ErrnoException & { stderr?: string })
  }
}

function failureOf(program: string, cause: NodeJS.ErrnoException & { stderr?: string }) {
  if (cause.code === 'ENOENT') {
    const message = `${program} is missing; install the client programs of PostgreSQL ("apt install postgresql-client")`
    return fail('database_unusable', message, { cause })
  }
  const [line = cause.message] = (cause.stderr ?? '').split('\n').filter((text) => text.trim() !== '')
  return fail('database_unusable', line, { cause })
}

function partsOf(url: string): { address: string; password: string } {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw fail('database_unusable', 'the address of the database must be postgres://USER:PASSWORD@HOST:PORT/NAME')
  }
  const address = new URL(url)
  const password = decodeURIComponent(address.password)
  address.password = ''
  return { address: address.href, password }
}
