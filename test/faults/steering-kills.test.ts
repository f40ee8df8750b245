/**
 * A hub that is killed while people steer. An answered request is in effect and on record. An unanswered one is wholly
 * so or not at all. Four simulated devices, so that there is something to approve and to retry.
 */
import { rounds, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FleetStage, openFleetStage, until } from '../stage/simulated-fleet.ts'

/** Each is a start of the hub, and a dozen changes until the end of it. */
const KILLS = Number(process.env.SKERRY_KILLS ?? rounds({ quick: 1, deep: 8 }))

const DEVICES = 4
/** No device can load it. */
const FAILING = 3

let stage: FleetStage
beforeAll(async () => {
  stage = await openFleetStage({ devices: DEVICES, failingVersions: [FAILING] })
  for (let version = 1; version <= FAILING; version++) await stage.push()
})
afterAll(() => stage[Symbol.asyncDispose]())

const NAME = 'sensor'

type Client = ReturnType<FleetStage['hub']>['client']
type Rollout = Awaited<ReturnType<Client['rollout']['get']>>
type RolloutId = Rollout['id']
type Verb = 'pause' | 'resume' | 'approve' | 'retry' | 'abort'

/** A request, with words of its own that identify it. */
type Wish = { verb: Verb | 'apply'; words: string; isAnswered: boolean; isDone(client: Client): Promise<boolean> }

/** Never the same twice, so that a record belongs to one request. */
let wished = 0

/** The requests of people, one after another, until the hub dies under one. Every request fits the state. */
async function steer(client: Client, wishes: Wish[]): Promise<never> {
  const wish: Wishing = async ({ verb, words, isDone, ask }) => {
    const made: Wish = { verb, words, isAnswered: false, isDone }
    wishes.push(made)
    await ask()
    made.isAnswered = true
  }
  for (;;) {
    for (const version of [1, 2]) {
      const rollout = await apply(client, wish, version)
      const to = (verb: Verb, isSo: (rollout: Rollout) => boolean) => send(client, wish, { rollout, verb, isSo })
      await awaited(client, rollout, 1)
      await to('pause', ({ status }) => status === 'paused')
      await to('resume', ({ status }) => status === 'rolling')
      await to('approve', ({ waves }) => waves[1]?.isApproved === true)
      await awaited(client, rollout, 2)
      await to('approve', ({ waves }) => waves[2]?.isApproved === true)
      await to('abort', ({ status }) => status === 'aborted')
    }
    const rollout = await apply(client, wish, FAILING)
    await retryFailed(client, wish, rollout)
    await send(client, wish, { rollout, verb: 'abort', isSo: ({ status }) => status === 'aborted' })
  }
}

type Wishing = (wished: Omit<Wish, 'isAnswered'> & { ask(): Promise<unknown> }) => Promise<void>

const awaited = (client: Client, rollout: RolloutId, index: number) =>
  until(async () => (await client.rollout.get({ rollout })).waves[index]?.awaitedSinceMs !== undefined)

function send(
  client: Client,
  wish: Wishing,
  { rollout, verb, isSo }: { rollout: RolloutId; verb: Verb; isSo: (rollout: Rollout) => boolean },
): Promise<void> {
  const reason = `wish ${++wished}.`
  const isDone: Wish['isDone'] = async (after) => isSo(await after.rollout.get({ rollout }))
  return wish({ verb, words: reason, isDone, ask: () => client.rollout[verb]({ rollout, reason }) })
}

/** Each revision differs, so that each one is new. */
async function apply(client: Client, wish: Wishing, version: number): Promise<RolloutId> {
  // All of one length, so that none is the beginning of another.
  const probation = { seconds: 0, failureRateMax: (500_000.5 + ++wished) / 1_000_000 }
  const waves = [{ limit: 1 }, { limit: 1, approval: true }, { limit: 1, approval: true }, { approval: true }]
  const spec = { name: NAME, deployable: NAME, version: String(version), probation, strategy: { waves } }
  const isDone: Wish['isDone'] = async (after) => {
    const { rows } = await after.deployment.list({})
    return rows.some((row) => row.spec.probation.failureRateMax === probation.failureRateMax)
  }
  const words = `"failureRateMax":${probation.failureRateMax}`
  await wish({ verb: 'apply', words, isDone, ask: () => client.deployment.apply(spec) })
  return (await client.deployment.get({ deployment: NAME })).rolloutId
}

/** A retry is a new document for the device that failed: it shows in how many it was given. */
async function retryFailed(client: Client, wish: Wishing, rollout: RolloutId): Promise<void> {
  const failed = async () => (await client.rollout.devices({ rollout, outcome: 'failed' })).rows[0]
  await until(async () => (await failed()) !== undefined)
  const device = String((await failed())?.deviceId)
  const { generation } = await client.device.get({ device })
  const reason = `wish ${++wished}.`
  const isDone: Wish['isDone'] = async (after) => (await after.device.get({ device })).generation > generation
  await wish({ verb: 'retry', words: reason, isDone, ask: () => client.rollout.retry({ rollout, reason }) })
  await until(async () => (await failed()) !== undefined)
}

/** The records of all requests of people, with the reason or the specification that they gave. */
async function recordsOf(client: Client) {
  const records: { action: string; detail: string }[] = []
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await client.audit.list({ limit: 500, ...(after === undefined ? {} : { after }) })
    for (const { action, detail, result } of page.rows)
      if (result === 'ok') records.push({ action, detail: JSON.stringify(detail) })
    after = page.next
  }
  return records
}

/**
 * Every request is on record once or not at all, and in effect exactly if it is on record. An answered one is on
 * record.
 */
async function expectWhole(client: Client, wishes: readonly Wish[]): Promise<void> {
  expect(await client.audit.verify({})).toMatchObject({ intact: true })
  const records = await recordsOf(client)
  for (const { verb, words, isAnswered } of wishes) {
    const found = records.filter(({ action, detail }) => action.endsWith(`.${verb}`) && detail.includes(words))
    if (isAnswered) expect(found.length, `${verb}, ${words}: what was answered is on record`).toBe(1)
    else expect(found.length, `${verb}, ${words}: once at most`).toBeLessThanOrEqual(1)
  }
  const last = wishes.at(-1)
  if (!last) return
  const isRecorded = records.some(
    ({ action, detail }) => action.endsWith(`.${last.verb}`) && detail.includes(last.words),
  )
  // The effects of a record may take the hub a moment; without a record there never are any.
  if (isRecorded) await until(() => last.isDone(client))
  else expect(await last.isDone(client), `${last.verb}, ${last.words}: not recorded, and in effect`).toBe(false)
}

/** A dozen requests in one walk: each round kills after another one, within the next. */
const answeredBefore = (round: number) => 1 + ((round * 5) % 12)
const withinMs = (round: number) => (round * 7_919) % 100

async function killInTheMiddle(wishes: readonly Wish[], round: number): Promise<void> {
  await until(() => wishes.filter(({ isAnswered }) => isAnswered).length >= answeredBefore(round))
  await new Promise((resolve) => setTimeout(resolve, withinMs(round)))
  await stage.killHub()
}

test('after a kill of the hub, answered requests are in effect and on record, and unanswered ones fully or not at all', {
  ...strict('a kill of the hub at every wish'),
  timeout: 600_000,
}, async () => {
  const answered = new Set<string>()
  for (let round = 0; round < KILLS; round++) {
    const wishes: Wish[] = []
    const dying = steer(stage.hub().client, wishes)
    await Promise.all([expect(dying).rejects.toThrow(), killInTheMiddle(wishes, round)])
    await expectWhole(stage.hub().client, wishes)
    for (const { verb, isAnswered } of wishes) if (isAnswered) answered.add(verb)
  }
  expect(answered).toContain('apply')
})
