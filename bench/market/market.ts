/**
 * The marketplace: the time of a search over 10,000 listings, the time from the first request of an installation of a
 * flow with its model until three devices send results, and the time of a verification of level 2.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CatalogueEntry } from '@skerry/contract/market/catalogue'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { digestOf } from '@skerry/platform/files/hash'
import { writeEnvelope } from '@skerry/platform/market/catalogue-folder'
import { signCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { commandLine } from '../../examples/stage/command-line.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { until } from '../../examples/stage/wait.ts'

const ROOT = join(import.meta.dirname, '../..')
const SITE = { name: 'plant', kind: 'edge', country: 'DE' } as const
const LISTINGS = 10_000
const DEVICES = 3

/** Words of a person who looks for something: some are in many listings, one is in none. */
const SEARCHES = ['', 'pump', 'pump alarm', 'line 7', 'nothing like this'] as const

/** Each word so often. The first search of all prepares the index, and is measured apart. */
const REPETITIONS = 20

const signal = new AbortController().signal

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-market-'))
  const hub = await startHub({ ...(await newHubHome(folder)), args: ['--catalogues', folder] })
  const agents: AgentProgram[] = []
  try {
    const search = await searchTimes(hub, folder)
    for (let at = 1; at <= DEVICES; at += 1)
      agents.push(await startAgent(hub, { site: SITE, device: `pump-${at}`, folder }))
    const { verifySeconds, installSeconds } = await modelTimes(hub, folder)
    return { listings: LISTINGS, ...search, devices: DEVICES, installSeconds, verifySeconds }
  } finally {
    for (const agent of agents) await agent.stop()
    await hub.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function searchTimes(hub: HubProgram, folder: string) {
  const publisher = generateKeyPair()
  const { keyId } = await hub.client.signingKey.add({ name: 'many', publicKeyPem: publisher.publicKeyPem })
  const listings = Array.from({ length: LISTINGS }, (_, at) => entryOf(at))
  const index = { v: 1, name: 'many', version: 1, expiresAtMs: Date.now() + 86_400_000, listings } as const
  await writeEnvelope(join(folder, 'many'), signCatalogue(index, [publisher.privateKeyPem]))
  await hub.client.catalogue.add({ name: 'many', keys: [keyId] })
  const searchOnce = async (text: string) => {
    const beganAt = performance.now()
    await hub.client.market.search({ text, limit: 60 })
    return performance.now() - beganAt
  }
  const firstMs = await searchOnce('pump')
  const times: number[] = []
  for (let turn = 0; turn < REPETITIONS; turn += 1) for (const text of SEARCHES) times.push(await searchOnce(text))
  const sorted = times.toSorted((a, b) => a - b)
  return {
    firstSearchMs: rounded(firstMs),
    searchMsP50: rounded(sorted[Math.floor(sorted.length / 2)] ?? 0),
    searchMsP99: rounded(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
  }
}

const WORDS = ['pump', 'motor', 'valve', 'tank', 'press', 'oven', 'robot', 'filter'] as const

function entryOf(at: number): CatalogueEntry {
  const word = WORDS[at % WORDS.length] ?? 'pump'
  return CatalogueEntry.parse({
    name: `listing-${at}`,
    version: '1.0.0',
    digest: digestOf(String(at)),
    sizeBytes: 1_000,
    title: `${word} alarm of line ${at}`,
    summary: `Watches the ${word} of line ${at}, and raises an alarm when its values leave the range that was agreed on`,
    categories: [at % 2 === 0 ? 'maintenance' : 'quality'],
    licence: 'Apache-2.0',
    publisher: `Vendor ${at % 40}`,
    channel: 'stable',
    kinds: ['flow', 'source'],
  })
}

/** The listing of the tests with the model of the example, certified at level 2. */
async function modelTimes(hub: HubProgram, folder: string) {
  const at = (...parts: string[]) => join(folder, ...parts)
  const example = join(ROOT, 'examples/sensor-anomaly')
  await cp(join(ROOT, 'test/market/listings/pump-model'), at('pump-model'), { recursive: true })
  await cp(join(example, 'model-v1.onnx'), at('pump-model/model.onnx'))
  await cp(join(example, 'golden-v1.npz'), at('pump-model/golden.npz'))
  const path = at('pump-model/listing.yaml')
  const text = (await readFile(path, 'utf8')).replace('golden: golden.json', 'golden: golden.npz')
  await writeFile(
    path,
    text.replace('evidence:', 'sample: { seconds: 60, results: [{ item: flow, sink: scores }] }\nevidence:'),
  )
  const skerry = commandLine(hub, folder)
  await skerry('market', 'key', 'publisher.pem')
  await skerry('market', 'publish', 'pump-model', '--catalogue', 'plant', '--key', 'publisher.pem', '--level', '2')
  const verifySeconds = await secondsOf(() => skerry('market', 'verify', 'pump-model@1.0.0', '--catalogue', 'plant'))
  await skerry('signing-key', 'add', 'us', 'publisher.pem.pub')
  await skerry('market', 'catalogue', 'add', 'plant', '--key', 'us')
  const installSeconds = await secondsOf(async () => {
    await skerry('market', 'install', 'plant/pump-model', '--accept')
    for (let device = 1; device <= DEVICES; device += 1) {
      await until(
        `results of pump-${device}`,
        async () => {
          const { rows } = await hub.client.telemetry.signals({ device: `pump-${device}`, limit: 100 })
          return rows.some(({ signal: name }) => name === 'pump-model-flow/scores') || undefined
        },
        signal,
      )
    }
  })
  return { verifySeconds, installSeconds }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const beganAt = performance.now()
  await work()
  return rounded((performance.now() - beganAt) / 1_000)
}

const rounded = (value: number) => Math.round(value * 10) / 10
