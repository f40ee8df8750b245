import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Flow } from '@skerry/contract/flows/flow'
import { Source } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { tourTexts } from './english-tour.ts'
import { sampleFlow, sampleSource } from './sample-data.ts'
import { isSampleSite, isUntouched, SAMPLE_LABELS } from './sample-site.ts'
import { stepAt, stepBeside, TOUR_STEPS } from './tour-steps.ts'

test('the steps begin and end at the overview, and each has a text', () => {
  expect([TOUR_STEPS[0].to, TOUR_STEPS.at(-1)?.to]).toEqual(['/', '/'])
  expect(TOUR_STEPS.map(({ name }) => name)).toEqual(Object.keys(tourTexts.steps))
})

test('a step beyond the end is the last one, and nothing follows it', () => {
  expect(stepAt(99).name).toBe('end')
  expect(stepBeside(0, -1)).toBeUndefined()
  expect(stepBeside(0, 1)).toBe(1)
  expect(stepBeside(TOUR_STEPS.length - 1, 1)).toBeUndefined()
})

test('the sample is a source and a flow as a device accepts them, and the flow reads a tag of the source', () => {
  const source = Source.parse(sampleSource)
  const [input] = Flow.parse(sampleFlow).inputs
  expect(source.groups.flatMap(({ tags }) => tags.map(({ name }) => `${source.name}/${name}`))).toContain(
    `${input?.source}/${input?.tag}`,
  )
})

test('a site of the same name without the label belongs to a person', () => {
  expect(isSampleSite({ site: 'sample', labels: { ...SAMPLE_LABELS } })).toBe(true)
  expect(isSampleSite({ site: 'sample', labels: {} })).toBe(false)
  expect(isSampleSite({ site: 'oslo', labels: { ...SAMPLE_LABELS } })).toBe(false)
})

test('a hub with a site, a model or a deployment is not untouched', () => {
  const empty = { sites: 0, models: 0, deployments: 0 }
  expect(isUntouched(empty)).toBe(true)
  for (const noun of ['sites', 'models', 'deployments'] as const)
    expect(isUntouched({ ...empty, [noun]: 1 })).toBe(false)
})

test('the sample model is the one of the examples, whose origin is documented', () => {
  const examples = join(import.meta.dirname, '../../../../../examples/sensor-anomaly/model-v1.onnx')
  expect(readFileSync(join(import.meta.dirname, 'sample-model.onnx')).equals(readFileSync(examples))).toBe(true)
})
