import type { TensorSpec } from '@skerry/contract/models/tensor'
import { RouteSpec } from '@skerry/contract/routes/route'
import { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { neededAfter, pipelineSides, type StageSides } from './pipeline-sides.ts'
import { tableRoute } from './route-table.ts'
import { specTrouble } from './route-text.ts'

const spec = (name: string, shape: number[] = [-1, 4]): TensorSpec => ({ name, datatype: 'FP32', shape })

const stage = (model: string, inputs: TensorSpec[], outputs: TensorSpec[]): StageSides => ({
  model,
  version: 1,
  inputs,
  outputs,
})

const FIRST = stage('ocr-1', [spec('x')], [spec('mid'), spec('skip')])
const SECOND = stage('ocr-2', [spec('mid', [1, 4])], [spec('deep')])
const THIRD = stage('ocr-3', [spec('deep'), spec('skip'), spec('mask')], [spec('y')])

test('a caller gives the tensors that no stage gives, and gets those that no stage takes', () => {
  const sides = pipelineSides([FIRST, SECOND, THIRD], undefined)
  expect(sides).toEqual({ ok: true, inputs: [spec('x'), spec('mask')], outputs: [spec('y')] })
  expect(pipelineSides([FIRST, SECOND, THIRD], ['deep', 'y'])).toMatchObject({ outputs: [spec('deep'), spec('y')] })
})

test('a tensor is kept until the last stage that takes it', () => {
  const stages = [FIRST, SECOND, THIRD]
  expect([0, 1, 2].map((at) => [...neededAfter(stages, at, [spec('y')])])).toEqual([
    ['mid', 'deep', 'skip', 'mask', 'y'],
    ['deep', 'skip', 'mask', 'y'],
    ['y'],
  ])
})

test.each([
  ['a stage that takes another type', [FIRST, stage('b', [{ ...spec('mid'), datatype: 'INT8' }], [])], /as INT8/],
  ['a stage that takes another shape', [FIRST, stage('b', [spec('mid', [1, 5])], [])], /\[1, 5\].*\[-1, 4\]/],
  ['a stage that takes nothing from before', [FIRST, stage('b', [spec('other')], [spec('y')])], /in their order/],
  ['a tensor that two stages give', [FIRST, stage('b', [spec('mid')], [spec('skip')])], /gives skip/],
  ['an output that no stage gives', [FIRST, SECOND], /output z/, ['z']],
])('refuses %s', (_, stages, message, outputs?: string[]) => {
  expect(pipelineSides(stages as StageSides[], outputs)).toEqual({ ok: false, message: expect.stringMatching(message) })
})

const PIPELINE = RouteSpec.parse({
  model: 'ocr',
  pipeline: {
    stages: [
      { model: 'ocr-1', version: 1 },
      { model: 'ocr-2', version: 1 },
    ],
  },
})

const device = (name: string, version: number) => ({
  id: DeviceId.parse(`dev_${name.padEnd(8, 'a')}`),
  device: name,
  site: { name: 'lyon', kind: 'edge' as const, clearance: 'public' as const },
  version,
  address: 'http://10.0.0.7:8500',
  isSilent: false,
})

test('each stage has the devices that serve its version, and an old gateway has none', () => {
  const facts = new Map([['ocr-1', [device('a', 1), device('b', 2)]]])
  const row = tableRoute({ name: 'ocr', spec: PIPELINE, facts, gateway: undefined, stages: [FIRST, SECOND] })
  expect(row.places).toEqual([])
  expect(row.lack).toContain('too old for pipelines')
  expect(row.stages?.map(({ places, lack }) => [places.map((place) => place.device), lack])).toEqual([
    [['a'], undefined],
    [[], 'no device serves the model ocr-2:1'],
  ])
})

test('a pipeline has no split, because it names the version of each stage', () => {
  expect(specTrouble(PIPELINE)).toBeUndefined()
  expect(specTrouble({ ...PIPELINE, split: { version: 1, percent: 10 } })).toContain('no split')
})
