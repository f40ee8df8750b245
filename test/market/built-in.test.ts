/**
 * A publisher signs a catalogue of the listings that the command line brings, and a hub installs each of them from
 * nothing on one device with real processes.
 * @module-tag deep starts a hub and an agent, and is a variant of the listing that the page for publishers makes
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

const SITE = { name: 'lab', kind: 'edge', country: 'DE' } as const
const DEVICE = 'pump-house'

let folder: string
let hub: HubProgram
let agent: AgentProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-built-in-'))
  const home = await newHubHome(folder)
  hub = await startHub({ ...home, args: ['--catalogues', folder] })
  agent = await startAgent(hub, { site: SITE, device: DEVICE, folder })
})
afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A command in this process, which saves the start of a program each time. Throws the text that a person would read. */
async function skerry(...words: string[]): Promise<void> {
  const env = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key ?? '', SKERRY_CA_FILE: hub.authorityPath }
  const { code, out, err } = await cli(words, { env: { ...env, SKERRY_HOME: folder }, nowMs: Date.now })
  if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
}

test('each built-in listing is installed from nothing, and shows its result', async () => {
  const key = join(folder, 'publisher.pem')
  await skerry('market', 'key', key)
  await skerry('signing-key', 'add', 'us', `${key}.pub`)
  await skerry('market', 'built-in', '--catalogue', join(folder, 'built-in'), '--key', key, '--level', '2')
  await skerry('market', 'catalogue', 'add', 'built-in', '--key', 'us')
  const { rows } = await hub.client.market.search({ limit: 100, kind: 'flow' })
  // A listing for real equipment needs its address; historian.test.ts has it.
  const names = rows.filter(({ entry }) => !entry.categories.includes('connectivity')).map(({ entry }) => entry.name)
  expect(names.length).toBeGreaterThan(5)
  for (const name of names) await skerry('market', 'install', `built-in/${name}`, '--accept')
  await until(async () => {
    const signals = await hub.client.telemetry.signals({ device: DEVICE, limit: 500 })
    return names.every((name) => signals.rows.some(({ signal }) => signal.startsWith(`${name}-flow/`)))
  })
  for (const name of names) await skerry('market', 'uninstall', name, '--yes')
  await skerry('market', 'catalogue', 'rm', 'built-in', '--yes')
  await until(async () => (await hub.client.device.get({ device: DEVICE })).items.length === 0)
})
