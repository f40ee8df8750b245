/**
 * The built-in bridges with other people's equipment: nodes of an OPC UA server become messages of an MQTT broker, and
 * a Modbus device becomes a Sparkplug edge node.
 * @module-tag deep starts a hub, an agent and three other programs, and is a variant of the installation of other listings
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasModbus, type ModbusPeer, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { hasMosquitto, type Mosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { hasOpcua, type OpcuaPeer, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

let folder: string
let hub: HubProgram
let agent: AgentProgram
let opcua: OpcuaPeer
let modbus: ModbusPeer
let broker: Mosquitto

const at = (...parts: string[]) => join(folder, ...parts)

async function skerry(...words: string[]): Promise<string> {
  const env = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key ?? '', SKERRY_CA_FILE: hub.authorityPath }
  const { code, out, err } = await cli(words, { env: { ...env, SKERRY_HOME: folder }, nowMs: Date.now })
  if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
  return out
}

async function install(listing: string, settings: Readonly<Record<string, string | number>>): Promise<void> {
  const given = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  await skerry('market', 'install', listing, '--accept', ...given)
}

describe.skipIf(!(hasModbus && hasMosquitto && hasOpcua))('the bridges', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-bridges-'))
    hub = await startHub({ ...(await newHubHome(folder)), args: ['--catalogues', folder] })
    agent = await startAgent(hub, { site: { name: 'lab', kind: 'edge', country: 'DE' }, device: 'gateway', folder })
    ;[modbus, broker, opcua] = await Promise.all([
      startModbus(),
      startMosquitto(),
      startOpcua({ tags: 10, periodMs: 500 }),
    ])
    await skerry('market', 'key', at('publisher.pem'))
    await skerry('signing-key', 'add', 'us', at('publisher.pem.pub'))
    await skerry('market', 'built-in', '--catalogue', at('built-in'), '--key', at('publisher.pem'))
    await skerry('market', 'catalogue', 'add', 'built-in', '--key', 'us')
  })
  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    for (const peer of [modbus, broker, opcua]) await peer?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('nodes of an OPC UA server become messages of an MQTT broker', async () => {
    const lines: string[] = []
    await broker.listen('hall/#', (line) => lines.push(line), '-v')
    const nodes = { first: 'ns=2;i=10000', second: 'ns=2;i=10001' }
    const place = { endpoint: opcua.endpoint, broker: '127.0.0.1', port: broker.port }
    await install('opcua-mqtt', { ...place, ...nodes, prefix: 'hall' })
    await until(async () => lines.some((line) => line.startsWith('hall/second ')))
    expect(lines.some((line) => line.startsWith('hall/first '))).toBe(true)
  })

  test('a Modbus device becomes a Sparkplug edge node with a birth', async () => {
    const topics: string[] = []
    await broker.listen('spBv1.0/#', (line) => topics.push(line), '-F', '%t')
    const place = { host: '127.0.0.1', port: modbus.port, broker: '127.0.0.1', brokerPort: broker.port }
    await install('sparkplug-gateway', { ...place, group: 'hall', node: 'gateway' })
    await until(async () => topics.some((topic) => topic.startsWith('spBv1.0/hall/NDATA/gateway')))
    expect(topics).toContain('spBv1.0/hall/NBIRTH/gateway')
  })
})
