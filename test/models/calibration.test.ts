/** A calibration data set and goals, from the command line through the hub to the lineage of a build. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build, Optimisation, OptimisationPlan } from '@skerry/contract/builds/build'
import { float32, npzOf } from '@skerry/testkit/npz'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { caseOf, classifier, INPUTS, wave } from './classifier.ts'

const NAME = 'classifier'

let folder: string
let hub: HubProgram
let skerry: CommandLine
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-calibration-'))
  hub = await startHub(await newHubHome(folder))
  skerry = commandLine(hub, folder)
  await pushModel(hub, { name: NAME, bytes: classifier, golden: { cases: [1, 2].map(caseOf) } })
})
afterAll(async () => {
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const rows = [3, 4, 5, 6, 7].flatMap((seed) => [...wave(INPUTS, seed)])
const archive = (shape: number[], values: number[], name = 'x') => npzOf({ [name]: float32(shape, ...values) })
const optimise = (...words: string[]) => skerry('model', 'optimise', `${NAME}:1`, '--calibrate', 'rows.npz', ...words)

test('ranges come from the rows of a file, all golden cases are compared, and the build names both', async () => {
  await writeFile(join(folder, 'rows.npz'), archive([5, INPUTS], rows))
  const plan: OptimisationPlan = JSON.parse(await optimise('--goal', 'size < 1 MB', '--dry-run', '--json'))
  expect(plan).toMatchObject({ calibrationCases: 5, gateCases: 2, calibration: { rows: 5, origin: 'data-set' } })
  expect(plan.goals).toContain('size <= 999999 B')
  expect(await optimise('--dry-run')).toContain('5 calibration rows')

  const watched = await optimise('--recipe', 'static-int8-minmax', '--goal', 'difference <= 2', '--watch', '--json')
  const done: Optimisation = JSON.parse(watched.trim().split('\n').at(-1) ?? '')
  expect(done).toMatchObject({ status: 'done', calibration: plan.calibration, results: [{ outcome: 'admitted' }] })
  const [build]: Build[] = JSON.parse(await skerry('build', 'ls', `${NAME}:1`, '--json'))
  const version = await hub.client.model.getVersion({ name: NAME, version: '1' })
  expect(build).toMatchObject({
    parent: version.digest,
    calibration: plan.calibration,
    tools: { 'onnxruntime-node': expect.stringMatching(/^\d/) },
  })
  expect(await skerry('build', 'show', build?.id ?? '')).toMatch(/ranges from +5 rows of sha256:/)
})

test.each([
  ['no rows', archive([0, INPUTS], []), /no rows/],
  ['one row', archive([1, INPUTS], rows.slice(0, INPUTS)), /one row/],
  ['another width', archive([2, 3], rows.slice(0, 6)), /x has the shape \[2, 3\]/],
  ['another name', archive([5, INPUTS], rows, 'z'), /no array for the input x/],
  ['NaN', archive([2, INPUTS], [Number.NaN, ...rows.slice(1, INPUTS * 2)]), /row 1: x\[0\] is NaN or infinite/],
])('%s is rejected', async (_what, bytes, message) => {
  await writeFile(join(folder, 'rows.npz'), bytes)
  await expect(optimise('--dry-run')).rejects.toThrow(message)
})

test('a goal that nobody understands is rejected with the right form', async () => {
  await expect(skerry('model', 'optimise', `${NAME}:1`, '--goal', 'size < 4')).rejects.toThrow('as in "size < 4 MB"')
})
