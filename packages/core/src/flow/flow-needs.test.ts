import { Flow } from '@skerry/contract/flows/flow'
import { expect, test } from 'vitest'
import { flowNeeds } from './flow-needs.ts'

test('names each model, source and sink once, and not what is only a fallback', () => {
  const flow = Flow.parse({
    name: 'watch',
    inputs: [
      { name: 'pressure', source: 'press-7', tag: 'pressure' },
      { name: 'flow', source: 'press-7', tag: 'flow' },
    ],
    steps: [
      { name: 'scaled', kind: 'normalise', from: 'pressure', model: 'scaler' },
      { name: 'score', kind: 'model', from: ['scaled', 'flow'], model: 'anomaly', fallback: { model: 'simple' } },
      { name: 'again', kind: 'model', from: ['scaled', 'flow'], model: 'anomaly' },
    ],
    sinks: [
      { name: 'coil', kind: 'tag', from: 'score', source: 'valve', tag: 'open' },
      { name: 'broker', kind: 'sink', from: 'score', sink: 'mqtt', topic: 'scores' },
      { name: 'hub', kind: 'hub', from: 'again' },
    ],
  })
  expect(flowNeeds(flow)).toEqual({ models: ['scaler', 'anomaly'], sources: ['press-7', 'valve'], sinks: ['mqtt'] })
})
