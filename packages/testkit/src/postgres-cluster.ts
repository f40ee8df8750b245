/**
 * PostgreSQL cluster: a real server for tests, in a temporary folder on a loopback port, flushing to the disk, with a password. Its databases
 * order text by a language and not by bytes, as many customers' do, so that whatever relies on the order is seen.
 *
 * It does not run as root, which PostgreSQL refuses: then as the user `postgres`, whom Debian's package brings.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

export type PostgresCluster = AsyncDisposable & {
  /** Of the server, for `newDatabase`. */
  url: string
  /** Ends it: `fast` asks it to, `immediate` is as good as a crash. */
  stop(how: 'fast' | 'immediate'): Promise<void>
  /** Starts it again, on the same port. */
  start(): Promise<void>
  /** Holds it still, with all that serve a connection: those stay open, and nothing is answered. */
  freeze(): Promise<void>
  thaw(): Promise<void>
}

/** `NAME=VALUE`, in which `$FOLDER` is where the files are, which only the server may read. */
type PostgresMore = { settings?: readonly string[]; files?: Readonly<Record<string, string>> }

const PASSWORD = 'pw-for-tests-only'

/** Debian keeps the programs of each version in a folder of its own; the newest. */
const programs = globSync('/usr/lib/postgresql/*/bin/initdb')
  .map((path) => dirname(path))
  .sort((a, b) => versionOf(b) - versionOf(a))[0]

function versionOf(folder: string): number {
  return Number(folder.split('/').at(-2))
}

/** Whether this machine has PostgreSQL. Tests that need it are skipped where it has not. */
export const hasPostgres = programs !== undefined

/** Whether it has TimescaleDB, too. */
export const hasTimescale = programs !== undefined && existsSync(join(programs, '../lib/timescaledb.so'))

/** What a server of TimescaleDB needs, which tells its maker nothing. */
export const TIMESCALE = ['shared_preload_libraries=timescaledb', 'timescaledb.telemetry_level=off']

/** Makes and starts one; about a second. */
export async function startPostgres({ settings = [], files = {} }: PostgresMore = {}): Promise<PostgresCluster> {
  if (programs === undefined) throw new Error('PostgreSQL is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'skerry-postgres-'))
  const user = userOf()
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, PASSWORD)
  const more = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  })
  for (const path of [folder, passwordFile, ...more]) chownSync(path, user.uid, user.gid)
  const data = join(folder, 'data')
  const initdb = ['-D', data, '-U', 'skerry', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const locale = ['-E', 'UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US']
  await promisify(execFile)(join(programs, 'initdb'), [...initdb, ...locale, '--no-sync'], { ...user, cwd: folder })
  const port = await freePort()
  const base = `postgres://skerry:${PASSWORD}@127.0.0.1:${port}/postgres`
  let server: ChildProcess | undefined
  const cluster: PostgresCluster = {
    url: base,
    async start() {
      server = await startServer({
        data,
        port,
        folder,
        user,
        more: settings.map((one) => one.replace('$FOLDER', folder)),
      })
    },
    freeze: () => signalAll(server, 'SIGSTOP'),
    thaw: () => signalAll(server, 'SIGCONT'),
    async stop(how) {
      const ended = server && new Promise((resolve) => server?.once('exit', resolve))
      server?.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
      await ended
      server = undefined
    },
    async [Symbol.asyncDispose]() {
      await cluster.stop('immediate')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await cluster.start()
  return cluster
}

/** The server, and each process that serves one connection. */
async function signalAll(server: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (server?.pid === undefined) return
  // First the one that starts the others; of those some may be gone by now.
  server.kill(signal)
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(server.pid)])
  const pids = stdout.split('\n').filter(Boolean)
  await promisify(execFile)('kill', ['-s', signal.replace('SIG', ''), ...pids]).catch(() => undefined)
}

/** Makes an empty database on the server. Gives its URL. */
export async function newDatabase(serverUrl: string): Promise<string> {
  const name = `t${randomBytes(8).toString('hex')}`
  await sqlOn(serverUrl, `create database ${name}`)
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
}

/** Runs SQL beside whoever else is connected. Gives its rows, columns parted by a bar. */
export async function sqlOn(url: string, text: string): Promise<string[]> {
  const args = ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', text, url]
  const { stdout } = await promisify(execFile)(join(programs ?? '', 'psql'), args)
  return stdout.split('\n').filter(Boolean)
}

type User = { uid: number; gid: number }
type Place = { data: string; port: number; folder: string; user: User; more: readonly string[] }

/** Resolves when it answers. */
function startServer({ data, port, folder, user, more }: Place): Promise<ChildProcess> {
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200']
  const args = ['-D', data, ...[...settings, ...more].flatMap((setting) => ['-c', setting])]
  const child = spawn(join(programs ?? '', 'postgres'), args, {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let said = ''
    child.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${said.slice(-2_000)}`)))
    child.stderr?.on('data', (chunk) => {
      said = `${said}${String(chunk)}`.slice(-4_000)
      if (said.includes('ready to accept connections')) resolve(child)
    })
  })
}

function userOf(): User {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  if (uid !== 0) return { uid, gid }
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
