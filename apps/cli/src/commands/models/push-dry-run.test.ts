import { fileURLToPath } from 'node:url'
import { beforeEach, expect, test } from 'vitest'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { cli } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let hub: FakeHub
let env: Record<string, string>

beforeEach(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

const example = (name: string) =>
  fileURLToPath(new URL(`../../../../../examples/sensor-anomaly/${name}`, import.meta.url))

const push = ['model', 'push', example('model-v1.onnx'), '--name', 'anomaly']
const golden = ['--golden', example('golden.json')]

async function dryRun(...more: string[]) {
  const { code, out } = await cli([...push, ...more, '--dry-run', '--json'], { env })
  expect(code).toBe(0)
  return JSON.parse(out)
}

test('a dry run shows the push of a new model, and sends nothing', async () => {
  const words = [...push, ...golden, '--alias', 'champion', '--label', 'run=1', '--dry-run']
  const { code, out } = await cli(words, { env })
  expect(code).toBe(0)
  await expect(out).toMatchFileSnapshot('../../snapshots/tables/model-push-dry-run.txt')
  expect([hub.state.pushes, [...hub.state.blobs], hub.state.calls]).toEqual([[], [], []])
})

test('a dry run says whether the hub has the files, and with how many golden cases', async () => {
  expect(await dryRun()).toMatchObject({ dryRun: true, name: 'anomaly', version: 1, goldenCases: 0 })
  await cli([...push, ...golden], { env })
  const other = await dryRun()
  expect(other).toMatchObject({ version: 2, existing: { version: 1, hasSameGoldenCount: false } })
  expect(await dryRun(...golden)).toMatchObject({ version: 2, existing: { version: 1, hasSameGoldenCount: true } })
  await cli(push, { env })
  const { out } = await cli([...push, '--dry-run'], { env })
  expect(out).toContain('the hub has these files as anomaly:2; a push would create no version; nothing was stored')
  expect(hub.state.pushes).toHaveLength(2)
})

test('a dry run rejects what a push would reject', async () => {
  const rubbish = await cli(['model', 'push', example('train.py'), '--dry-run'], { env })
  expect(rubbish).toMatchObject({ code: 1, err: expect.stringContaining('model_not_onnx') })
  const orphan = await cli([...push, '--parent', 'base:3', '--dry-run'], { env })
  expect(orphan).toMatchObject({ code: 1, err: expect.stringContaining('model_unknown') })
})

test('a dry run tries the model as the hub does, and says what only the push checks', async () => {
  const wrong = ['model', 'push', example('model-v2.onnx'), '--name', 'anomaly', '--golden', example('golden-v1.npz')]
  const { code, err, out } = await cli([...wrong, '--dry-run'], { env })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('code: golden_reference_differs')
  expect(err).toMatch(/golden case \d+ of 16 \(16 of 16 cases differ\): output score\[0, 0\] is /)
  const { out: bare } = await cli([...push, '--dry-run'], { env })
  expect(bare).toContain(
    'a push would create anomaly:1 if the hub accepts it: the model loads here; trust and room are checked only at the push; nothing was stored',
  )
})
