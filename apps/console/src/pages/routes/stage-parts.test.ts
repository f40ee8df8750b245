import type { RouteStage } from '@skerry/contract/routes/route'
import { Name } from '@skerry/contract/values/names'
import { expect, test } from 'vitest'
import { stageDrawing } from './stage-parts.ts'

const tensors = (...names: string[]) => names.map((name) => ({ name, datatype: 'FP32' as const, shape: [1, 4] }))

const stage = (model: string, takes: string[], gives: string[]): RouteStage => ({
  model: Name.parse(model),
  version: 1,
  takes: tensors(...takes),
  gives: tensors(...gives),
  places: 1,
})

test('tensors lead from the caller over the stages to the caller, and one may pass a stage by', () => {
  const stages = [
    stage('a', ['image'], ['early', 'mid']),
    stage('b', ['mid'], ['late']),
    stage('c', ['early', 'late'], ['text']),
  ]
  const { nodes, passed } = stageDrawing(stages, undefined, (shape) => shape.join('×'))
  expect(nodes.map(({ id, from }) => [id, from])).toEqual([
    ['input image', []],
    ['stage 0', ['input image']],
    ['stage 1', ['stage 0']],
    ['stage 2', ['stage 0', 'stage 1']],
    ['output 2 text', ['stage 2']],
  ])
  expect([...passed].map(([edge, between]) => [edge, between.map(({ name }) => name)])).toEqual([
    ['stage 0 > stage 1', ['mid']],
    ['stage 0 > stage 2', ['early']],
    ['stage 1 > stage 2', ['late']],
  ])
})

test('a wanted tensor goes to the caller although a later stage takes it', () => {
  const { nodes } = stageDrawing([stage('a', ['x'], ['y']), stage('b', ['y'], ['z'])], ['y', 'z'], () => '')
  expect(nodes.map(({ id }) => id)).toEqual(['input x', 'stage 0', 'stage 1', 'output 0 y', 'output 1 z'])
})
