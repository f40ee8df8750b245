/** Influx peer: Debian's InfluxDB in a folder of its own, with a password, on a port of loopback. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { until } from '../until.ts'

/** Whether this machine has it. Tests that need it are skipped where it has not. */
export const hasInflux = spawnSync('influxd', ['version'], { stdio: 'ignore' }).status === 0

export type InfluxPeer = AsyncDisposable & {
  url: string
  user: string
  password: string
  database: string
  kill(): Promise<void>
  start(): Promise<void>
  freeze(): void
  thaw(): void
  /** What a query of it gives, row by row. */
  query(text: string): Promise<unknown[][]>
}

const user = 'skerry'
const password = 'pw-for-tests-only'
const database = 'plant'

/** Starts one, with a database and a person. */
export async function startInflux(): Promise<InfluxPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-influx-'))
  const port = await freePort()
  const backup = await freePort()
  const url = `http://127.0.0.1:${port}`
  const config = join(folder, 'influx.conf')
  await writeFile(config, configOf(folder, port, backup))
  let server: ChildProcess | undefined
  const ask = async (text: string) => {
    const query = new URLSearchParams({ u: user, p: password, db: database, epoch: 'ms', q: text })
    const answer = await fetch(`${url}/query?${query}`, { method: 'POST' })
    return (await answer.json()) as { results?: { series?: { values: unknown[][] }[] }[] }
  }
  const peer: InfluxPeer = {
    url,
    user,
    password,
    database,
    async start() {
      server = spawn('influxd', ['-config', config], { stdio: 'ignore' })
      await until(async () => (await fetch(`${url}/ping`).catch(() => undefined))?.ok, { what: 'influxd to answer' })
    },
    async kill() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return
      const ended = once(server, 'exit')
      server.kill('SIGKILL')
      await ended
    },
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    query: async (text) => (await ask(text)).results?.[0]?.series?.[0]?.values ?? [],
    async [Symbol.asyncDispose]() {
      await peer.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await peer.start()
  await ask(`CREATE USER ${user} WITH PASSWORD '${password}' WITH ALL PRIVILEGES`)
  await ask(`CREATE DATABASE ${database}`)
  return peer
}

const configOf = (folder: string, port: number, backup: number) => `
bind-address = "127.0.0.1:${backup}"
reporting-disabled = true
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = true
  log-enabled = false
`
