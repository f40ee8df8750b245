/**
 * Three hubs: the catalogue of a vendor is mirrored by a plant, and a copy of the mirror is carried to an island without
 * a network. The island installs, upgrades and sees a withdrawal by copies alone, and names each changed file.
 * @module-tag deep three hubs and a device; mirror.test.ts and market.test.ts show each way by itself
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Catalogue } from '@skerry/contract/market/catalogue'
import type { Installation } from '@skerry/contract/market/installation'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

const SITE = { name: 'island', kind: 'edge', country: 'NO' } as const

let folder: string
let vendor: HubProgram
let plant: HubProgram
let island: HubProgram
let agent: AgentProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-air-gap-'))
  vendor = await startHub({
    ...(await newHubHome(at('vendor'))),
    args: ['--catalogues', at('served'), '--serve-catalogue', 'plant'],
  })
  const trusted = ['--webhook-allow', '127.0.0.1', '--webhook-ca', vendor.authorityPath]
  plant = await startHub({ ...(await newHubHome(at('plant'))), args: trusted })
  island = await startHub({ ...(await newHubHome(at('island'))), args: ['--catalogues', at('stick')] })
  agent = await startAgent(island, { site: SITE, device: 'pump-house', folder: at('island') })
  await skerry(plant, 'market', 'init', 'level-watch', '--folder', at('level-watch'))
  await skerry(plant, 'market', 'key', at('publisher.pem'))
  for (const hub of [plant, island]) await skerry(hub, 'signing-key', 'add', 'us', at('publisher.pem.pub'))
  await publish()
})
afterAll(async () => {
  await agent?.stop()
  for (const hub of [island, plant, vendor]) await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const at = (...parts: string[]) => join(folder, ...parts)
const served = (...parts: string[]) => at('served/plant', ...parts)
const stick = (...parts: string[]) => at('stick/plant', ...parts)

async function skerry(hub: HubProgram, ...words: string[]): Promise<string> {
  const env = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key ?? '', SKERRY_CA_FILE: hub.authorityPath }
  const { code, out, err } = await cli(words, { env: { ...env, SKERRY_HOME: folder }, nowMs: Date.now })
  if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
  return out
}

const signed = () => ['--catalogue', served(), '--key', at('publisher.pem')]
const publish = () => skerry(plant, 'market', 'publish', at('level-watch'), ...signed())

/** The mirror of the plant as it is on its disk, carried to the island. */
async function carry(): Promise<void> {
  await skerry(plant, 'market', 'catalogue', 'refresh', 'plant')
  const mirrors = at('plant/hub/catalogues/.mirrors')
  const [organisation = ''] = await readdir(mirrors)
  await cp(join(mirrors, organisation, 'plant'), stick(), { recursive: true })
}

async function refreshed(): Promise<Catalogue> {
  return JSON.parse(await skerry(island, 'market', 'catalogue', 'refresh', 'plant', '--json'))
}

async function installation(): Promise<Installation | undefined> {
  const rows: Installation[] = JSON.parse(await skerry(island, 'market', 'ls', '--json'))
  return rows[0]
}

test('the island installs from the copy of a mirror, and its device sends results', async () => {
  const url = `${vendor.url}/catalogues/plant`
  await skerry(plant, 'market', 'catalogue', 'add', 'plant', '--key', 'us', '--url', url)
  await carry()
  await skerry(island, 'market', 'catalogue', 'add', 'plant', '--key', 'us')
  await skerry(island, 'market', 'install', 'level-watch', '--accept')
  await until(async () => {
    const { rows } = await island.client.telemetry.signals({ device: 'pump-house', limit: 100 })
    return rows.some(({ signal }) => signal === 'level-watch-watch/levels')
  })
  await until(async () => (await installation())?.usage?.healthy === 1)
})

test('each changed or missing file of the copy is named, and the copy is good again afterwards', async () => {
  const names = await readdir(stick('blobs/sha256'))
  expect(names.length).toBeGreaterThan(3)
  for (const name of names) {
    const path = stick('blobs/sha256', name)
    const good = await readFile(path)
    for (const spoil of [() => writeFile(path, Buffer.concat([good, Buffer.from(' ')])), () => rm(path)]) {
      await spoil()
      await expect(skerry(island, 'market', 'verify', 'level-watch@1.0.0', '--catalogue', stick())).rejects.toThrow()
      await expect(skerry(island, 'market', 'export', '--catalogue', stick(), '--out', at('never'))).rejects.toThrow(
        name,
      )
      await writeFile(path, good)
    }
  }
  await skerry(island, 'market', 'verify', 'level-watch@1.0.0', '--catalogue', stick())
})

test('the next version and its withdrawal arrive by copies, and an old copy is refused', async () => {
  const path = at('level-watch/listing.yaml')
  const text = await readFile(path, 'utf8')
  await cp(stick(), at('old'), { recursive: true })
  await writeFile(path, text.replace('version: 1.0.0', 'version: 1.1.0\nreplaces: 1.0.0'))
  await publish()
  await carry()
  expect(await refreshed()).toMatchObject({ version: 2 })
  expect(await installation()).toMatchObject({ upgrade: '1.1.0' })
  await skerry(island, 'market', 'upgrade', 'level-watch', '--accept')
  await skerry(plant, 'market', 'yank', 'level-watch@1.1.0', ...signed(), '--reason', 'the limit was wrong')
  await carry()
  expect(await refreshed()).toMatchObject({ version: 3 })
  expect((await installation())?.notice).toContain('the limit was wrong')
  await cp(at('old/index.json'), stick('index.json'))
  expect(await refreshed()).toMatchObject({ version: 3, problem: { code: 'catalogue_rolled_back' } })
})

test('a revoked key ends the trust of one hub, and not of the other', async () => {
  await skerry(island, 'signing-key', 'revoke', 'us', '--reason', 'it was stolen', '--yes')
  await carry()
  expect((await refreshed()).problem).toMatchObject({ code: 'catalogue_untrusted' })
  const other: Catalogue = JSON.parse(await skerry(plant, 'market', 'catalogue', 'refresh', 'plant', '--json'))
  expect(other.problem).toBeUndefined()
  expect((await installation())?.state).toBe('installed')
})
