/**
 * The built-in historian with other vendors' equipment: a device reads a Modbus device, and its values become rows of
 * PostgreSQL.
 * @module-tag deep starts a hub, an agent and two other programs, and is a variant of the installation of other listings
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasModbus, type ModbusPeer, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { hasPostgres, newDatabase, type PostgresCluster, sqlOn, startPostgres } from '@skerry/testkit/postgres-cluster'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

let folder: string
let hub: HubProgram
let agent: AgentProgram
let modbus: ModbusPeer
let cluster: PostgresCluster

const at = (...parts: string[]) => join(folder, ...parts)

async function skerry(...words: string[]): Promise<string> {
  const env = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key ?? '', SKERRY_CA_FILE: hub.authorityPath }
  const { code, out, err } = await cli(words, { env: { ...env, SKERRY_HOME: folder }, nowMs: Date.now })
  if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
  return out
}

describe.skipIf(!(hasModbus && hasPostgres))('the historian', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-historian-'))
    hub = await startHub({ ...(await newHubHome(folder)), args: ['--catalogues', folder] })
    agent = await startAgent(hub, { site: { name: 'lab', kind: 'edge', country: 'DE' }, device: 'gateway', folder })
    modbus = await startModbus()
    cluster = await startPostgres()
    await skerry('market', 'key', at('publisher.pem'))
    await skerry('signing-key', 'add', 'us', at('publisher.pem.pub'))
    await skerry('market', 'built-in', '--catalogue', at('built-in'), '--key', at('publisher.pem'))
    await skerry('market', 'catalogue', 'add', 'built-in', '--key', 'us')
  })
  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await modbus?.[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('registers of a Modbus device become rows of PostgreSQL', async () => {
    const url = new URL(await newDatabase(cluster.url))
    await writeFile(at('password'), decodeURIComponent(url.password))
    await skerry('secret', 'set', 'historian-password', '--from-file', at('password'))
    const settings = {
      host: '127.0.0.1',
      port: modbus.port,
      database: url.hostname,
      databasePort: url.port,
      databaseName: url.pathname.slice(1),
      user: url.username,
      tls: 'off',
    }
    const given = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
    await skerry('market', 'install', 'modbus-historian', '--accept', ...given)
    const rows = () => sqlOn(url.href, 'select * from meter_values').catch((): string[] => [])
    // The device has the float 3.25 at the register 100.
    await until(async () => (await rows()).some((row) => row.includes('3.25')))
  })
})
