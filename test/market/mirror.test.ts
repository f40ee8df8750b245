/**
 * Two hubs with real processes: the hub of a vendor serves a catalogue, and the hub of a plant mirrors it. Only changed
 * files move. The plant's hub names attacks and outages, and keeps its last good copy.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Catalogue } from '@skerry/contract/market/catalogue'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'

let folder: string
let vendor: HubProgram
let plant: HubProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-mirror-'))
  const home = await newHubHome(at('vendor'))
  vendor = await startHub({ ...home, args: ['--catalogues', at('served'), '--serve-catalogue', 'plant'] })
  const trusted = ['--webhook-allow', '127.0.0.1', '--webhook-ca', vendor.authorityPath]
  plant = await startHub({ ...(await newHubHome(at('plant'))), args: trusted })
  await skerry('market', 'init', 'level-watch', '--folder', at('level-watch'))
  await skerry('market', 'key', at('publisher.pem'))
  await skerry('signing-key', 'add', 'us', at('publisher.pem.pub'))
  await publish()
})
afterAll(async () => {
  await plant?.stop()
  await vendor?.stop()
  await rm(folder, { recursive: true, force: true })
})

const at = (...parts: string[]) => join(folder, ...parts)
const served = (...parts: string[]) => at('served/plant', ...parts)

/** A command of a person of the plant. */
async function skerry(...words: string[]): Promise<string> {
  const env = { SKERRY_HUB: plant.url, SKERRY_KEY: plant.connection.key ?? '', SKERRY_CA_FILE: plant.authorityPath }
  const { code, out, err } = await cli(words, { env: { ...env, SKERRY_HOME: folder }, nowMs: Date.now })
  if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
  return out
}

const publish = () =>
  skerry('market', 'publish', at('level-watch'), '--catalogue', served(), '--key', at('publisher.pem'))

async function nextVersion(from: string, to: string): Promise<void> {
  const path = at('level-watch/listing.yaml')
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace(/version: .*\n(replaces: .*\n)?/, `version: ${to}\nreplaces: ${from}\n`))
  await publish()
}

/** The state after a refresh, and the files that it moved, as the audit trail has them. */
async function refresh(): Promise<{ catalogue: Catalogue; files: number }> {
  const catalogue: Catalogue = JSON.parse(await skerry('market', 'catalogue', 'refresh', 'plant', '--json'))
  return { catalogue, files: await filesOfLast('catalogue.refresh') }
}

async function filesOfLast(action: string): Promise<number> {
  const { rows } = await plant.client.audit.list({ action, limit: 100 })
  return Number((rows.at(-1)?.detail as { files?: number } | undefined)?.files ?? 0)
}

const url = () => `${vendor.url}/catalogues/plant`
const problemNow = async () => (await refresh()).catalogue.problem

test('a catalogue is mirrored from another hub, and its listings are shown from the own copy', async () => {
  await skerry('market', 'catalogue', 'add', 'plant', '--key', 'us', '--url', url())
  expect(await filesOfLast('catalogue.add')).toBe(4)
  expect(await skerry('market', 'show', 'level-watch')).toContain('plant/level-watch@1.0.0')
  expect(await skerry('market', 'catalogue', 'ls')).toContain(url())
})

test('only the changed files of the next version move, and an unchanged catalogue moves none', async () => {
  await nextVersion('1.0.0', '1.1.0')
  const { catalogue, files } = await refresh()
  // The document of the version and its certificate: its flow and its source are those of the version before.
  expect([catalogue.version, catalogue.problem, files]).toEqual([2, undefined, 2])
  expect((await refresh()).files).toBe(0)
})

test('a damaged file of the own copy is fetched again', async () => {
  const mirrors = at('plant/hub/catalogues/.mirrors')
  const [organisation = ''] = await readdir(mirrors)
  const blobs = join(mirrors, organisation, 'plant/blobs/sha256')
  const [name = ''] = await readdir(blobs)
  await writeFile(join(blobs, name), 'damaged')
  expect(await refresh()).toMatchObject({ files: 1, catalogue: { version: 2 } })
  expect((await readFile(join(blobs, name), 'utf8')).length).toBeGreaterThan('damaged'.length)
})

test('a file with other bytes, an old index and a missing index change nothing but the shown problem', async () => {
  await cp(served(), at('old'), { recursive: true })
  const before = new Set(await readdir(served('blobs/sha256')))
  await nextVersion('1.1.0', '1.2.0')
  const [fresh = ''] = (await readdir(served('blobs/sha256'))).filter((name) => !before.has(name))
  const good = await readFile(served('blobs/sha256', fresh))
  await writeFile(served('blobs/sha256', fresh), 'other bytes')
  expect(await problemNow()).toMatchObject({ code: 'catalogue_incomplete', message: expect.stringContaining(fresh) })
  await writeFile(served('blobs/sha256', fresh), good)
  expect(await problemNow()).toBeUndefined()
  const index = await readFile(served('index.json'))
  await writeFile(served('index.json'), await readFile(at('old/index.json')))
  expect(await problemNow()).toMatchObject({ code: 'catalogue_rolled_back' })
  await rm(served('index.json'))
  expect(await problemNow()).toMatchObject({ code: 'catalogue_unreachable', message: expect.stringContaining('404') })
  await writeFile(served('index.json'), index)
  expect(await refresh()).toMatchObject({ catalogue: { version: 3 } })
})

test('a hub serves only the catalogues that its operator names, and fetches only from allowed addresses', async () => {
  await cp(served(), at('served/secret'), { recursive: true })
  const add = (address: string) => skerry('market', 'catalogue', 'add', 'plant', '--key', 'us', '--url', address)
  await expect(add(`${vendor.url}/catalogues/secret`)).rejects.toThrow('the server answered 404')
  await expect(add('https://169.254.169.254/catalogues/plant')).rejects.toThrow('catalogue_unreachable')
  const named = Object.assign(new URL('https://127.0.0.1/plant'), { username: 'user', password: 'word' })
  await expect(add(named.href)).rejects.toThrow('must have no user')
})

test('the own copy stays in use while the other hub is away, and goes with the subscription', async () => {
  await vendor.stop()
  expect(await problemNow()).toMatchObject({ code: 'catalogue_unreachable' })
  expect(await skerry('market', 'show', 'level-watch')).toContain('level-watch@1.2.0')
  await skerry('market', 'catalogue', 'rm', 'plant', '--yes')
  const mirrors = await readdir(at('plant/hub/catalogues/.mirrors'), { recursive: true })
  expect(mirrors.filter((name) => name.includes('plant'))).toEqual([])
})
