/** Detections in a whole flow: a picture, a model that answers with tensors, and what is made of them. */
import { Flow } from '@skerry/contract/flows/flow'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { Image } from '@skerry/core/equipment/image'
import { expect, test } from 'vitest'
import { createEngine } from '../engine.ts'
import type { Infer } from '../model-step.ts'
import { createBatchBuilder } from '../sample-batch.ts'
import { factsOfSteps } from '../step-facts.ts'

const flowOf = (more: object = {}) =>
  Flow.parse({
    name: 'watch',
    inputs: [{ name: 'frame', source: 'gate', tag: 'frame', type: 'image' }],
    steps: [
      { name: 'picture', kind: 'image', from: 'frame', width: 8, height: 8 },
      {
        name: 'answer',
        kind: 'model',
        model: 'detector',
        from: ['picture'],
        output: { tensors: ['boxes', 'scores'] },
      },
      { name: 'found', kind: 'detections', from: 'answer', layout: 'separate', ...more },
      { name: 'count', kind: 'expression', from: ['found'], expression: "$count(found[class = 'cat'])" },
      { name: 'best', kind: 'expression', from: ['found'], expression: 'found[0].class', gives: 'text' },
      { name: 'sure', kind: 'expression', from: ['found'], expression: '$max(found.score)' },
      { name: 'right', kind: 'expression', from: ['found'], expression: '$count(found[x > 8])' },
      { name: 'some', kind: 'filter', from: 'found', where: '$count(value) > 0' },
    ],
    sinks: ['found', 'count', 'best', 'sure', 'right', 'some'].map((from) => ({ name: from, kind: 'hub', from })),
  })

/** As wide as two of the model's pixels are high. */
const image: Image = { width: 16, height: 8, channels: 3, data: new Uint8Array(16 * 8 * 3) }

/** What the sinks are told of one picture, to which the model gives this answer. */
async function tell(flow: Flow, infer: Infer): Promise<unknown> {
  const outputs: FlowOutput[] = []
  const steps = factsOfSteps(flow, () => ({ norms: undefined, classes: ['dog', 'cat'] }))
  if (!steps.ok) return steps.code
  const engine = createEngine(flow, {
    infer,
    facts: steps.facts,
    monotonicMs: () => 0,
    signal: new AbortController().signal,
    haste: 'patient',
    async tell(_sink, output) {
      outputs.push(output)
      return { ok: true }
    },
  })
  const builder = createBatchBuilder(flow)
  builder.add({ source: 'gate', tag: 'frame', quality: 'good', value: 'image', receivedTimeMs: 5 }, image)
  await engine.feed(builder.take())
  await engine.end()
  await engine.idle()
  return Object.fromEntries(outputs.map((one) => [one.sink, 'value' in one ? one.value : one.cause.code]))
}

const answers =
  (boxes: number[][], scores: number[][]): Infer =>
  async ({ outputs }) => ({
    ok: true,
    tensors: outputs.map((name) => {
      const rows = name === 'boxes' ? boxes : scores
      return { shape: [1, rows.length, rows[0]?.length ?? 4], data: Float32Array.from(rows.flat()) }
    }),
  })

test('what is found leaves as text, and its number, best score and class by expressions', async () => {
  const boxes = [
    [1, 3, 3, 5],
    [5, 3, 7, 5],
    [5, 3, 7, 5.1],
  ]
  const scores = [
    [0.75, 0.1],
    [0.1, 1],
    [0.1, 0.9],
  ]
  const dog = '{"class":"dog","score":0.75,"x":2,"y":2,"width":4,"height":4}'
  const cat = '{"class":"cat","score":1,"x":10,"y":2,"width":4,"height":4}'
  const found = `[${cat},${dog}]`
  expect(await tell(flowOf(), answers(boxes, scores))).toEqual({
    found,
    some: found,
    count: 1,
    best: 'cat',
    sure: 1,
    right: 1,
  })
})

test('of a picture with nothing in it that is told, and what is made of nothing is not', async () => {
  expect(await tell(flowOf(), answers([[1, 3, 3, 5]], [[0.1, 0.1]]))).toEqual({ found: '[]', count: 0, right: 0 })
})

test('an answer that cannot be read is bad, and so is what is made of it', async () => {
  const told = await tell(flowOf({ layout: 'separate' }), answers([[1, 3, 3]], [[1, 0]]))
  expect(told).toMatchObject({ found: 'answer_shape', count: 'answer_shape' })
})

test('a class that the model does not name is said before anything runs', async () => {
  expect(await tell(flowOf({ only: ['horse'] }), answers([], []))).toBe('classes_missing')
  expect(await tell(flowOf({ only: ['cat'] }), answers([[1, 3, 3, 5]], [[1, 0]]))).toMatchObject({ found: '[]' })
})
