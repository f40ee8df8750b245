/**
 * A pipeline under kills: the devices of a stage die under load, their replicas serve, and no answer is wrong.
 *
 * @module-tag deep Six kills wait for six starts; the unit tests of the gateway stop one place under load.
 */
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { openPipelineStage, type Values } from './pipeline-stage.ts'

const KILLS = 6
const LANES = 4
const SEEDS = 16

test('a device of each stage is killed in the middle of requests, in turns', async () => {
  await using stage = await openPipelineStage(['1', '1', '2', '2'])
  const { ask, askWhole, agents } = stage
  const expected = await Promise.all(Array.from({ length: SEEDS }, (_, seed) => askWhole(seed)))
  const answers: (Values & { seed: number })[] = []
  let isOver = false
  const load = Array.from({ length: LANES }, async (_, lane) => {
    for (let turn = lane; !isOver; turn += LANES) answers.push({ ...(await ask(turn % SEEDS)), seed: turn % SEEDS })
  })
  for (let kill = 0; kill < KILLS; kill++) {
    const at = kill % agents.length
    await agents[at]?.kill()
    const seen = answers.length
    // The other device of the stage serves alone.
    await until(async () => answers.slice(seen).filter(({ status }) => status === 200).length > 50)
    const again = await agents[at]?.again()
    if (again) agents[at] = again
    await until(async () => answers.slice(-50).some(({ place }) => place?.split(', ').includes(again?.device ?? '')))
  }
  isOver = true
  await Promise.all(load)
  const good = answers.filter(({ status }) => status === 200)
  const isWrong = ({ seed, pooled }: (typeof answers)[number]) =>
    pooled.length === 0 ||
    pooled.some((value, at) => Math.abs(value - (expected[seed]?.pooled[at] ?? Number.NaN)) > 1e-5)
  expect(good.filter(isWrong)).toEqual([])
  // A request that was lost was told, with the stage.
  const lost = answers.filter(({ status }) => status !== 200)
  expect(lost.filter(({ status, error }) => ![429, 502, 503].includes(status) || !error?.includes('stage '))).toEqual(
    [],
  )
  expect(good.length).toBeGreaterThan(answers.length * 0.98)
})
