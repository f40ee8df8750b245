/**
 * The marketplace with real processes: a publisher's catalogue, a hub that subscribes to it, and a device. People
 * certify listings, install them with sample data, upgrade them along their versions, and withdraw them. The hub names
 * attacks on the catalogue.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Catalogue, FoundListing } from '@skerry/contract/market/catalogue'
import type { Installation, InstallPlan } from '@skerry/contract/market/installation'
import { layoutFiles } from '@skerry/testkit/images/image-archive'
import { tarOf } from '@skerry/testkit/images/tar'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

const ROOT = join(import.meta.dirname, '../..')
const SITE = { name: 'lab', kind: 'edge', country: 'DE' } as const
const DEVICE = 'pump-house'

let folder: string
let hub: HubProgram
let agent: AgentProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-market-'))
  const home = await newHubHome(folder)
  hub = await startHub({ ...home, args: ['--catalogues', folder] })
  agent = await startAgent(hub, { site: SITE, device: DEVICE, folder })
  await cp(join(import.meta.dirname, 'listings/pump-model'), join(folder, 'pump-model'), { recursive: true })
  const example = join(ROOT, 'examples/sensor-anomaly')
  await cp(join(example, 'model-v1.onnx'), join(folder, 'pump-model/model.onnx'))
  await cp(join(example, 'golden.json'), join(folder, 'pump-model/golden.json'))
})
afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const at = (...parts: string[]) => join(folder, ...parts)

/** A command in this process, which saves the start of a program each time. Throws the text that a person would read. */
const skerry = (...words: string[]) => skerryAt(0, ...words)

/** The same, so many milliseconds from now. */
async function skerryAt(laterMs: number, ...words: string[]): Promise<string> {
  const env = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key ?? '', SKERRY_CA_FILE: hub.authorityPath }
  const { code, out, err } = await cli(words, {
    env: { ...env, SKERRY_HOME: folder },
    nowMs: () => Date.now() + laterMs,
  })
  if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
  return out
}

const key = () => ['--key', at('publisher.pem')]
const plant = () => ['--catalogue', at('plant')]
const publish = (listing: string) => skerry('market', 'publish', at(listing), ...plant(), ...key())
const refresh = async (): Promise<Catalogue> =>
  JSON.parse(await skerry('market', 'catalogue', 'refresh', 'plant', '--json'))
const installations = async (): Promise<Installation[]> => JSON.parse(await skerry('market', 'ls', '--json'))

/** The newest value of each signal of the device. */
async function signals(): Promise<Map<string, number>> {
  const { rows } = await hub.client.telemetry.signals({ device: DEVICE, limit: 500 })
  return new Map(rows.map(({ signal, values }) => [signal, values]))
}

/** Changes a line of listing.yaml of the folder. */
async function edit(listing: string, from: string, to: string): Promise<void> {
  const path = join(folder, listing, 'listing.yaml')
  const text = await readFile(path, 'utf8')
  expect(text).toContain(from)
  await writeFile(path, text.replace(from, to))
}

/** The commands that a page tells people to type, in their order. */
async function commandsOf(page: string): Promise<string[][]> {
  const text = await readFile(join(ROOT, 'docs/market', page), 'utf8')
  return [...text.matchAll(/^\$ skerry (.+)$/gm)].map(([, words = '']) => words.split(' '))
}

/** A command of the page, as if it were typed in the folder of the test. */
function inFolder(words: readonly string[]): string[] {
  const [, verb = '', name = ''] = words
  if (verb === 'init') return [...words, '--folder', at(name)]
  const isFolder = (index: number) => index === 2 && ['lint', 'certify', 'publish'].includes(verb)
  return words.map((word, index) =>
    /\.pem(\.pub)?$/.test(word) || words[index - 1] === '--catalogue' || isFolder(index) ? at(word) : word,
  )
}

test('a publisher follows the page "publish your first listing", word for word, and sees values of the device', async () => {
  for (const words of await commandsOf('publish.md')) await skerry(...inFolder(words))
  const certificate = JSON.parse(await readFile(join(folder, 'level-watch/certificate.json'), 'utf8'))
  expect([certificate.level, certificate.statements.length]).toEqual([2, 20])
  await until(async () => ((await signals()).get('level-watch-watch/levels') ?? 0) > 0)
})

test('level 3 is proven by the devices of the installation, once they run it steadily', async () => {
  const installed = ['--level', '3', '--installation', 'level-watch']
  const certify = (laterMs: number) => skerryAt(laterMs, 'market', 'certify', at('level-watch'), ...installed)
  await until(async () => {
    const { items } = await hub.client.device.get({ device: DEVICE })
    return items.some(({ name, state }) => name === 'level-watch-watch' && state === 'active')
  })
  await expect(certify(0)).rejects.toThrow(
    /steady: watch on pump-house is in its state for \d+ s, and 300 s are needed/,
  )
  const text = await certify(600_000)
  expect(text).toMatch(/devices +passed +items 1, devices 1, healthy 1, hardware/)
  const { level } = JSON.parse(await readFile(at('level-watch/certificate.json'), 'utf8'))
  expect(level).toBe(3)
  const verify = ['market', 'verify', 'level-watch@1.0.0', ...plant(), '--installation', 'level-watch']
  expect(await skerryAt(600_000, ...verify, '--check', 'outputs')).toMatch(/outputs +passed +declared 2/)
})

test('a hub takes a catalogue only by the key of its publisher, and its people search', async () => {
  await expect(skerry('market', 'catalogue', 'add', 'plant', '--key', 'hub')).rejects.toThrow('catalogue_untrusted')
  await publish('pump-model')
  expect(await refresh()).toMatchObject({ version: 2, listings: 2 })
  const found: FoundListing[] = JSON.parse(await skerry('market', 'search', 'steam', '--json'))
  expect(found.map(({ entry }) => entry.name)).toEqual(['pump-model'])
  expect(await skerry('market', 'show', 'pump-model')).toMatch(/AUC 0\.994, and 0\.965 of the highest humidity/)
  const verify = ['market', 'verify', 'level-watch@1.0.0', ...plant(), '--check', 'licence']
  expect(await skerry(...verify)).not.toContain('evidence')
})

test('a flow with its model is installed with accepted permissions, and its result comes from the device', async () => {
  const install = ['market', 'install', 'pump-model', '--set', 'limit=5', '--set', 'reportMs=1000']
  const plan: InstallPlan = JSON.parse(await skerry(...install, '--dry-run', '--json'))
  expect(plan.fleet).toEqual({ selected: 1, fitting: 1, unmet: [] })
  expect(plan.steps.map(({ does }) => does)).toEqual(['set-connection', 'push', 'deploy', 'push', 'deploy'])
  await expect(skerry(...install)).rejects.toThrow('market_permission_unaccepted')
  expect((await installations()).map(({ name }) => name)).toEqual(['level-watch'])
  expect(await skerry(...install, '--accept')).toContain('installed pump-model (pump-model@1.0.0)')
  // A repetition continues or changes nothing.
  expect(await skerry(...install, '--accept')).toContain('repaired pump-model')
  expect((await hub.client.model.get({ name: 'pump-model-flow' })).versions).toHaveLength(1)
  await until(async () => ((await signals()).get('pump-model-flow/scores') ?? 0) > 0)
  await until(async () => ((await signals()).get('pump-model-flow/alarm') ?? 0) > 0)
  const counted = JSON.parse(await skerry('market', 'usage', 'pump-model', '--json'))
  expect(counted.versions).toMatchObject([{ version: '1.0.0', installations: 1, devices: 1 }])
  expect(JSON.stringify(counted)).not.toContain(DEVICE)
  const { rows } = await hub.client.audit.list({ action: 'market.*' })
  expect(rows.map(({ action }) => action)).toContain('market.complete')
})

/** An app whose port and greeting are settings of the listing, with an image that no registry knows. */
const APP = `name: hall-page
version: 1.0.0
title: Hall page
summary: Shows a page in the hall
description: description.md
categories: [dashboard]
licence: MIT
publisher: Plant
needs: { capabilities: [container] }
settings:
  type: object
  properties: { greeting: { type: string, default: hello } }
permissions:
  - { access: port, target: 8080/tcp, purpose: shows the page to the hall }
versions:
  - { item: app, kind: app, file: compose.yaml, images: [web.tar], config: { GREETING: '{{ greeting }}' } }
`
const COMPOSE = `services:
  web: { image: 'web:1', ports: ['8080:80'], environment: { GREETING: hello } }
`
const SCHEMA = { type: 'object', properties: { GREETING: { type: 'string', default: 'hello' } } }

test('an app is pushed with its images and deployed with its settings, and devices that cannot run it are counted', async () => {
  await mkdir(at('hall-page'))
  await writeFile(at('hall-page/listing.yaml'), APP)
  await writeFile(at('hall-page/description.md'), 'A page.')
  await writeFile(at('hall-page/compose.yaml'), COMPOSE)
  await writeFile(at('hall-page/config.schema.json'), JSON.stringify(SCHEMA))
  await writeFile(at('hall-page/web.tar'), tarOf(layoutFiles([{ name: 'web:1', layers: ['one'] }])))
  await publish('hall-page')
  expect(await refresh()).toMatchObject({ version: 3, listings: 3 })
  const install = ['market', 'install', 'hall-page', '--set', 'greeting=hi', '--accept']
  expect(await skerry(...install)).toContain(
    'runs on 0 of 1 device, because of the others 1: they cannot run "container"',
  )
  const { spec } = await hub.client.deployment.get({ deployment: 'hall-page-app' })
  expect(spec).toMatchObject({ deployable: 'hall-page-app', version: '1', config: { GREETING: 'hi' } })
  await skerry('market', 'uninstall', 'hall-page', '--yes')
})

test('the next version asks for more: it is refused until somebody accepts, and then replaces the first', async () => {
  await edit('level-watch', 'version: 1.0.0', 'version: 1.1.0\nreplaces: 1.0.0')
  await edit(
    'level-watch',
    'permissions:',
    'permissions:\n  - { access: write-tag, target: "{{ name.tank }}/pump", purpose: stops the pump above the limit }',
  )
  const tank = join(folder, 'level-watch/tank.yaml')
  const more = '      - { name: pump, signal: { kind: constant, value: 1 }, write: { min: 0, max: 1 } }\n'
  await writeFile(tank, `${await readFile(tank, 'utf8')}${more}`)
  const watch = join(folder, 'level-watch/watch.yaml')
  const sink = '  - { name: stop, kind: tag, from: high, source: "{{ name.tank }}", tag: pump }\n'
  await writeFile(watch, `${await readFile(watch, 'utf8')}${sink}`)
  await publish('level-watch')
  expect(await refresh()).toMatchObject({ version: 4 })
  expect((await installations()).find(({ name }) => name === 'level-watch')).toMatchObject({ upgrade: '1.1.0' })
  await expect(skerry('market', 'upgrade', 'level-watch')).rejects.toThrow(
    /nobody has accepted write-tag level-watch-tank\/pump/,
  )
  expect(await skerry('market', 'upgrade', 'level-watch', '--accept')).toContain(
    'upgraded level-watch (level-watch@1.1.0)',
  )
  await until(async () => {
    const { items } = await hub.client.device.get({ device: DEVICE })
    const item = items.find(({ name }) => name === 'level-watch-watch')
    return item?.state === 'active' && item.serving?.version === 2
  })
})

test('a version that lies about its permissions is not published', async () => {
  await cp(join(folder, 'level-watch'), join(folder, 'liar'), { recursive: true })
  await edit('liar', 'write-tag', 'read-tag')
  await edit('liar', 'version: 1.1.0', 'version: 1.2.0')
  await expect(publish('liar')).rejects.toThrow('does not pass level 1')
  await expect(skerry('market', 'lint', at('liar'))).rejects.toThrow(/it uses "write-tag level-watch-tank\/pump"/)
})

test('a withdrawn version continues to run, and nobody installs it', async () => {
  await skerry('market', 'yank', 'pump-model@1.0.0', ...plant(), ...key(), '--reason', 'a rule is better')
  expect(await refresh()).toMatchObject({ version: 5 })
  const found = (await installations()).find(({ name }) => name === 'pump-model')
  expect(found?.notice).toContain('a rule is better')
  const again = ['market', 'install', 'plant/pump-model@1.0.0', '--as', 'second', '--accept']
  await expect(skerry(...again)).rejects.toThrow('the publisher withdrew the version 1.0.0')
})

test('an index that is changed, rolled back or expired is refused and named, and the last good one stays', async () => {
  const path = join(folder, 'plant/index.json')
  const good = await readFile(path, 'utf8')
  const problemWith = async (text: string) => {
    await writeFile(path, text)
    const { version, problem } = await refresh()
    expect(version).toBe(5)
    return problem?.code
  }
  const envelope = JSON.parse(good)
  const index = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'))
  const forged = Buffer.from(JSON.stringify({ ...index, version: 9 })).toString('base64')
  expect(await problemWith(JSON.stringify({ ...envelope, payload: forged }))).toBe('catalogue_untrusted')
  expect(await problemWith('{')).toBe('catalogue_unreadable')
  // The publisher signs these: one with an old number, and one that has expired.
  await rm(path)
  await publish('level-watch')
  expect(await problemWith(await readFile(path, 'utf8'))).toBe('catalogue_rolled_back')
  await writeFile(path, good)
  // In a copy: the hub must not read the index before it has expired.
  const copy = at('copy/plant')
  await cp(at('plant'), copy, { recursive: true })
  const soon = ['--reason', 'x', '--expires', '1s']
  await skerry('market', 'yank', 'level-watch@1.0.0', '--catalogue', copy, ...key(), ...soon)
  const signedAtMs = Date.now()
  await until(async () => Date.now() > signedAtMs + 1_000)
  expect(await problemWith(await readFile(join(copy, 'index.json'), 'utf8'))).toBe('catalogue_expired')
  expect(await problemWith(good)).toBeUndefined()
})

test('a changed file of a listing is refused by the hub, and verify names the check', async () => {
  const blobs = join(folder, 'plant/blobs/sha256')
  for (const name of await readdir(blobs)) {
    const text = await readFile(join(blobs, name), 'utf8')
    if (text.includes('"protocol":"simulator"'))
      await writeFile(join(blobs, name), text.replace('"seed":7', '"seed":8'))
  }
  await expect(skerry('market', 'install', 'level-watch', '--as', 'third', '--accept')).rejects.toThrow(
    'listing_tampered',
  )
  const verify = skerry('market', 'verify', 'level-watch@1.1.0', ...plant())
  await expect(verify).rejects.toThrow(/digests: the certificate says PASSED, and the repetition FAILED/)
})

test('an installation is removed from the devices, and the command says what stays', async () => {
  expect(await skerry('market', 'uninstall', 'pump-model', '--yes')).toContain(
    'stays: the versions of pump-model-model',
  )
  expect((await installations()).map(({ name }) => name)).toEqual(['level-watch'])
  await expect(hub.client.deployment.get({ deployment: 'pump-model-flow' })).rejects.toMatchObject({
    code: 'deployment_unknown',
  })
})

test('a revoked key ends the trust in its catalogue', async () => {
  await skerry('signing-key', 'revoke', 'us', '--reason', 'it was stolen', '--yes')
  expect((await refresh()).problem).toMatchObject({ code: 'catalogue_untrusted' })
})
