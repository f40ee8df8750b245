/**
 * Campaigns and surveys with two hubs on one PostgreSQL: either hub dies in a round, and the round goes on with the other
 * one. No round hangs or is repeated, and no update counts twice.
 *
 * @module-tag deep Starts a PostgreSQL, two hubs and three agents, and kills each hub; campaigns.test.ts kills one hub
 */
import { join } from 'node:path'
import { hasPostgres } from '@skerry/testkit/postgres-cluster'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PIXELS, readDigits, rowsOfClasses, untrainedNetwork, writeIdx } from '../../examples/federated/digits.ts'
import { type AgentProgram, startAgent } from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { type HubPair, openHubPair } from '../stage/two-hubs.ts'

const CLASSES = [
  [0, 1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
]
const EACH = 100

const ROUNDS = 4

const DATA = { name: 'digits', type: 'uint8' as const, shape: [PIXELS], classes: 10 }

const ROWS = EACH * CLASSES.flat().length

/** A round that hangs ends the test long before this time. */
const DEADLINE_S = 3_600

describe.skipIf(!hasPostgres)('two hubs', () => {
  let pair: HubPair
  const agents: AgentProgram[] = []

  beforeAll(async () => {
    pair = await openHubPair()
    const all = await readDigits(6_000)
    for (const [at, classes] of CLASSES.entries()) {
      const path = join(pair.folder, `rows-${at}`)
      await writeIdx(path, rowsOfClasses(all, classes, EACH))
      const place = { site: { name: 'hamburg', kind: 'onprem' as const }, device: `ward-${at}`, folder: pair.folder }
      agents.push(await startAgent(pair.hubs[0], { ...place, options: ['--training-data', `digits:any=${path}`] }))
    }
    await pushModel(pair.hubs[0], { name: 'digits', bytes: untrainedNetwork(7, 64) })
  })
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop()))
    await pair?.[Symbol.asyncDispose]()
  })

  /** One of the hubs dies, the work goes on with the other one, and the first one comes back. */
  async function without(index: 0 | 1, work: () => Promise<void>): Promise<void> {
    await pair.hubs[index].kill()
    await work()
    await pair.restart(index)
  }

  test('a campaign goes on with the other hub when one dies in a round', async () => {
    const spec = {
      name: 'ward',
      model: 'digits',
      data: { ...DATA, scale: 1 / 255 },
      participants: { minimum: CLASSES.length, overSelect: 0 },
      rounds: ROUNDS,
      deadlineSeconds: DEADLINE_S,
      training: { epochs: 20, learningRate: 0.1 },
      seed: 1,
    }
    const client = pair.clientOf(0)
    await until(async () => (await client.campaign.create({ spec, dryRun: true })).eligible === CLASSES.length)
    await client.campaign.create({ spec })
    for (const [at, victim] of ([0, 1, 'leader'] as const).entries()) {
      const round = at + 1
      const index = victim === 'leader' ? await pair.leader() : victim
      const other = pair.clientOf(1 - index)
      const campaignNow = async () => (await other.campaign.get({ name: spec.name })).campaign
      await until(async () => {
        const { phase, round: now } = await campaignNow()
        return phase === 'done' || (phase === 'train' && now >= round)
      })
      await without(index, async () => {
        await until(async () => {
          const { phase, round: now } = await campaignNow()
          return phase === 'done' || now > round
        })
      })
    }
    const answer = await until(async () => {
      const now = await pair.clientOf(1).campaign.get({ name: spec.name })
      return ['done', 'failed', 'stopped'].includes(now.campaign.phase) && now
    })
    expect(answer.campaign, answer.campaign.reason).toMatchObject({ phase: 'done', round: ROUNDS, resultVersion: 2 })
    expect(answer.rounds.slice(1).map(({ attempts, counted, dropped }) => [attempts, counted, dropped])).toEqual(
      Array.from({ length: ROUNDS }, () => [1, CLASSES.length, 0]),
    )
    expect(answer.rounds.at(-1)?.accuracy).toBeGreaterThan(0.6)
    // Each hub has the same history.
    expect((await pair.clientOf(0).campaign.get({ name: spec.name })).rounds).toEqual(answer.rounds)
    expect(await pair.sql(`select count(*) from campaign_participants where state = 'asked'`)).toEqual(['0'])
  })

  test('a survey has each row once, although a hub dies while devices count', async () => {
    const columns = [{ name: 'middle', at: 406, low: 0, high: 256, bins: 16 }]
    const spec = {
      name: 'pixels',
      data: DATA,
      columns,
      participants: { minimum: CLASSES.length },
      deadlineSeconds: DEADLINE_S,
    }
    for (const index of [0, 1] as const) {
      const name = `${spec.name}-${index}`
      await pair.clientOf(index).survey.create({ spec: { ...spec, name } })
      await without(index, async () => {
        const { survey } = await until(async () => {
          const now = await pair.clientOf(1 - index).survey.get({ name })
          return ['done', 'failed', 'stopped'].includes(now.survey.phase) && now
        })
        expect(survey, survey.reason).toMatchObject({ phase: 'done' })
        expect(survey.result).toMatchObject({ devices: CLASSES.length, rows: ROWS })
      })
    }
  })
})
