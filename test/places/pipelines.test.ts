/** A pipeline with real processes: a model is split, its stages run on two devices, and the answers are those of the whole. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NAME, openPipelineStage, type PipelineStage } from './pipeline-stage.ts'

let stage: PipelineStage

beforeAll(async () => {
  stage = await openPipelineStage(['1', '2'])
})
afterAll(() => stage?.[Symbol.asyncDispose]())

test('the stages are signed versions with the lineage and golden cases of the whole', async () => {
  const { hub, pushed, cli } = stage
  expect(pushed.map(({ name, version, created }) => [name, version, created])).toEqual([
    [`${NAME}-1`, 1, true],
    [`${NAME}-2`, 1, true],
  ])
  const whole = await hub.client.model.getVersion({ name: NAME, version: '1' })
  for (const { name } of pushed) {
    const version = await hub.client.model.getVersion({ name, version: '1' })
    expect(version.goldenCases).toBe(2)
    expect(version.lineage?.parents).toMatchObject([{ name: NAME, version: 1, digest: whole.digest }])
  }
  const again = JSON.parse(await cli('model', 'split', `${NAME}:1`, '--dry-run', '--json'))
  expect(again).toMatchObject({
    dryRun: true,
    measuredOn: 'golden inputs',
    stages: [{ name: `${NAME}-1` }, { name: `${NAME}-2` }],
  })
  expect(again.fault).toBeUndefined()
})

test('requests pass both devices, several at a time, and the answers are those of the whole model', async () => {
  const { ask, askWhole, hub, cli } = stage
  const seeds = Array.from({ length: 24 }, (_, at) => at)
  const answers = await Promise.all(seeds.map(ask))
  expect(answers.map(({ status, place }) => [status, place])).toEqual(seeds.map(() => [200, 'stage-1-0, stage-2-1']))
  for (const seed of seeds) {
    const { pooled } = await askWhole(seed)
    const worst = Math.max(...pooled.map((value, at) => Math.abs(value - (answers[seed]?.pooled[at] ?? Number.NaN))))
    expect(worst).toBeLessThanOrEqual(1e-5)
  }
  const route = await hub.client.route.get({ name: NAME })
  expect(route.stages?.map(({ model, places }) => [model, places])).toEqual([
    [`${NAME}-1`, 1],
    [`${NAME}-2`, 1],
  ])
  expect(await cli('route', 'show', NAME)).toMatch(/2 +reader-2:1 +1/)
})

test('stages that do not fit together are rejected with the reason', async () => {
  const { client } = stage.hub
  const [first = missing(), second = missing()] = stage.pushed.map(({ name: model, version }) => ({ model, version }))
  const set = (stages: (typeof first)[]) =>
    client.route.set({ name: 'wrong', spec: { model: NAME, pipeline: { stages } } })
  await expect(set([second, first])).rejects.toMatchObject({ code: 'route_refused' })
  await expect(set([first, { ...second, version: 9 }])).rejects.toThrow(`${NAME}-2:9`)
})

const missing = (): never => {
  throw new Error('a stage was not pushed')
}
