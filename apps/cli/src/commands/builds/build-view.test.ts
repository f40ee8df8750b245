import { Build, Optimisation } from '@skerry/contract/builds/build'
import { expect, test } from 'vitest'
import { styleOf } from '../../program/terminal/style.ts'
import { buildsTable, optimisationText } from './build-view.ts'

const style = styleOf({ isTTY: false, columns: 80, write: () => {} }, {})

const optimisation = (status: string, results: object[]) =>
  Optimisation.parse({
    id: 'opt_abcdefgh234567',
    name: 'reader',
    version: 2,
    status,
    goal: {},
    results,
    createdAtMs: 0,
    createdBy: 'owner',
  })

const admitted = [
  { recipe: 'float16', outcome: 'admitted', sizeBytes: 500 },
  { recipe: 'dynamic-int8', outcome: 'admitted', sizeBytes: 250 },
  { recipe: 'static-int8-minmax', outcome: 'refused', sizeBytes: 240, message: 'agreement 0.5' },
]

test('a finished optimisation names the command that deploys its smallest admitted build', () => {
  const next = /next +skerry deploy reader:2 --build dynamic-int8\n/
  expect(optimisationText(optimisation('done', admitted), style)).toMatch(next)
  expect(optimisationText(optimisation('cancelled', admitted), style)).toMatch(next)
})

test('there is no next step while more builds may come, or without an admitted build', () => {
  expect(optimisationText(optimisation('running', admitted), style)).not.toContain('next')
  expect(optimisationText(optimisation('done', admitted.slice(2)), style)).not.toContain('next')
})

test('the worst nodes have their place in the model, their error and their form', () => {
  const place = { at: 14, of: 178 }
  const worstNodes = [
    { node: 'node "conv2" (Conv)', operator: 'Conv', error: 1.234, place },
    { node: 'node "conv9" (Conv)', operator: 'Conv', error: 0.5 },
  ]
  const refused = { recipe: 'static-int8-minmax', outcome: 'refused', worstNodes, returned: 1 }
  const text = optimisationText(optimisation('done', [refused]), style)
  expect(text).toMatch(/node "conv2" \(Conv\) +14 of 178 +1\.2 σ +float/)
  expect(text).toMatch(/node "conv9" \(Conv\) +- +0\.5 σ +fewer bits/)
})

test('sizes are without golden cases, as the console shows them', () => {
  const digest = `sha256:${'1'.repeat(64)}`
  const build = Build.parse({
    id: 'bld_abcdefgh234567',
    name: 'reader',
    version: 2,
    recipe: 'float16',
    digest,
    files: [
      { path: 'golden.json', digest, sizeBytes: 9_000 },
      { path: 'model.onnx', digest, sizeBytes: 500 },
    ],
    sizeBytes: 9_500,
    floatBytes: 10_000,
    floatModelBytes: 1_000,
    fidelity: [],
    changed: 1,
    skippedCount: 0,
    skipped: [],
    createdAtMs: 0,
    createdBy: 'owner',
  })
  expect(buildsTable([build], style)).toMatch(/float16 +500 B +0\.50 /)
  const { floatModelBytes: _, ...older } = build
  expect(buildsTable([older], style)).toMatch(/float16 +500 B +0\.95 /)
})
