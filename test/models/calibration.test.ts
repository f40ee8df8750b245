/** A calibration data set and goals, from the command line through the hub to the lineage of a build. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build, Optimisation, OptimisationPlan } from '@skerry/contract/builds/build'
import { float32, npzOf } from '@skerry/testkit/npz'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { commandLine } from '../stage/command-line.ts'
import { CLASSES, caseOf, classifier, INPUTS, wave } from './classifier.ts'

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

/** The classes that the version itself answers, and wrong ones for every tenth row. */
function classesOf(count: number): { values: number[]; classes: number[] } {
  const seeds = Array.from({ length: count }, (_, index) => index * 0.37)
  const weights = wave(INPUTS * CLASSES, 3)
  const classes = seeds.map((seed, row) => {
    const input = wave(INPUTS, seed)
    const scores = Array.from({ length: CLASSES }, (_, at) =>
      input.reduce((sum, value, index) => sum + value * (weights[index * CLASSES + at] ?? 0), 0),
    )
    const best = scores.indexOf(Math.max(...scores))
    return row % 10 === 3 ? (best + 128) % CLASSES : best
  })
  return { values: seeds.flatMap((seed) => [...wave(INPUTS, seed)]), classes }
}

const classesArray = (classes: number[]) => ({
  descr: '<i8',
  shape: [classes.length],
  data: new Uint8Array(BigInt64Array.from(classes.map(BigInt)).buffer),
})

test('labels decide in place of agreement: the figures of the version and the build, the goal, and the refusal', async () => {
  const { values, classes } = classesOf(80)
  const archive = npzOf({ x: float32([80, INPUTS], ...values), labels: classesArray(classes) })
  await writeFile(join(folder, 'rows.npz'), archive)
  const goals = ['--goal', 'accuracy drop <= 70%', '--agreement', '1', '--difference', '0']
  const plan: OptimisationPlan = JSON.parse(await optimise(...goals, '--dry-run', '--json'))
  expect(plan).toMatchObject({ calibrationCases: 21, labelledRows: 59, gateCases: 2 })
  expect(plan.goals).toContain('accuracy drop <= 70%')
  expect(await optimise(...goals, '--dry-run')).toContain('2 golden cases, 59 labelled rows')

  const recipes = ['--recipe', 'float16', '--recipe', 'matmul-4bit']
  const text = await optimise(...recipes, ...goals, '--watch')
  expect(text).toMatch(/float16 +y +accuracy 0\.\d+ on 59 labels, that of the version 0\.\d+/)
  const { rows: runs } = await hub.client.optimisation.list({ name: NAME })
  const [float16, fourBits] = runs[0]?.results ?? []
  const right = classes.filter((_, row) => row >= 2 && row % 4 !== 0 && row % 10 !== 3).length
  expect(float16).toMatchObject({
    outcome: 'admitted',
    fidelity: [{ output: 'y', task: { measure: 'accuracy', labels: 59, version: right / 59 } }],
  })
  expect(fourBits?.fidelity?.[0]?.task?.labels).toBe(59)
  const shown = await skerry('build', 'show', float16?.buildId ?? '')
  expect(shown).toMatch(/labels +59 rows of sha256:/)
  expect(shown).toMatch(/y .* accuracy 0\.\d+ on 59 labels/)

  const strict = await optimise('--recipe', 'matmul-4bit', '--goal', 'accuracy drop <= 0%', '--watch', '--json')
  const done: Optimisation = JSON.parse(strict.trim().split('\n').at(-1) ?? '')
  const [refused] = done.results
  const task = refused?.fidelity?.[0]?.task
  expect(task && task.build < task.version, 'four bits read some of these rows wrongly').toBe(true)
  expect(refused).toMatchObject({ outcome: 'refused', message: expect.stringMatching(/accuracy .*, 0 % is allowed/) })
})

test('a goal for accuracy without labels, and labels that no class has, are rejected', async () => {
  await writeFile(join(folder, 'rows.npz'), archive([5, INPUTS], rows))
  await expect(optimise('--goal', 'accuracy drop <= 0.5%', '--dry-run')).rejects.toThrow('needs labels')
  const labels = classesArray([1, 2, 3])
  await writeFile(join(folder, 'rows.npz'), npzOf({ x: float32([5, INPUTS], ...rows), labels }))
  await expect(optimise('--dry-run')).rejects.toThrow('5 rows and labels for 3')
  const outside = classesArray([1, 2, 3, 4, CLASSES])
  await writeFile(join(folder, 'rows.npz'), npzOf({ x: float32([5, INPUTS], ...rows), labels: outside }))
  await expect(optimise('--dry-run')).rejects.toThrow(/classes are 0 to 255/)
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
