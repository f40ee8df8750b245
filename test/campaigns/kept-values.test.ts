/**
 * Campaigns of real processes in which devices keep values: the last layer of each stays with it, it corrects its steps
 * (SCAFFOLD), and it compresses its updates.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compressedBytes } from '@skerry/core/campaigns/compression'
import { filesWith } from '@skerry/testkit/files-below'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Digits,
  PIXELS,
  readDigits,
  rowsOfClasses,
  untrainedNetwork,
  writeIdx,
} from '../../examples/federated/digits.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'

const MODEL = 'digits'
const HIDDEN = 32
const SHARED = PIXELS * HIDDEN + HIDDEN + HIDDEN * HIDDEN + HIDDEN
const OWN = HIDDEN * 10 + 10

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
const digits: Digits[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-kept-values-'))
  hub = await startHub(await newHubHome(folder))
  const all = await readDigits(6_000)
  agents = await Promise.all(
    [
      [0, 1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ].map(async (classes, at) => {
      const path = join(folder, `rows-${at}`)
      const own = rowsOfClasses(all, classes, 60)
      digits[at] = own
      await writeIdx(path, own)
      const options = ['--training-data', `digits:any=${path}`]
      return startAgent(hub, { site: { name: 'hamburg', kind: 'onprem' }, device: `ward-${at}`, folder, options })
    }),
  )
  await pushModel(hub, { name: MODEL, bytes: untrainedNetwork(7, HIDDEN) })
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const SPEC = {
  name: 'heads',
  model: MODEL,
  data: { name: 'digits', type: 'uint8' as const, scale: 1 / 255, shape: [PIXELS], classes: 10 },
  participants: { minimum: 3, overSelect: 0 },
  rounds: 3,
  strategy: { kind: 'scaffold' as const },
  training: { epochs: 2, learningRate: 0.1, personal: ['last.*'] },
  seed: 1,
}

/** Each step of a campaign has a wait of its own. */
async function ended(name: string) {
  for (let seen = ''; ; ) {
    const answer = await until(async () => {
      const now = await hub.client.campaign.get({ name })
      return stepOf(now) !== seen && now
    })
    if (['done', 'failed', 'stopped'].includes(answer.campaign.phase)) return answer
    seen = stepOf(answer)
  }
}

const stepOf = ({ campaign: { phase, round } }: { campaign: { phase: string; round: number } }) => `${phase} ${round}`

test('the last layer and the corrections of a device never leave it, and survive a restart', async () => {
  const { client } = hub
  await until(async () => (await client.campaign.create({ spec: SPEC, dryRun: true })).eligible === 3)
  const unknown = { ...SPEC, training: { ...SPEC.training, personal: ['head.*'] } }
  await expect(client.campaign.create({ spec: unknown, dryRun: true })).rejects.toThrow(
    'training.personal: the model trains no weight head.*; it trains first.w, first.b, second.w',
  )
  const all = { ...SPEC, training: { ...SPEC.training, personal: ['*'] } }
  await expect(client.campaign.create({ spec: all, dryRun: true })).rejects.toThrow('would share nothing')

  const place = { name: MODEL, deployable: MODEL, version: '1', selector: 'true', probation: { seconds: 0 } }
  await client.deployment.apply(place)
  await client.campaign.create({ spec: { ...SPEC, result: { deploy: MODEL } } })
  await until(async () => (await client.campaign.get({ name: SPEC.name })).campaign.round === 2)
  const [first] = agents
  if (!first) throw new Error('no agent')
  await first.kill()
  agents[0] = await first.again()
  const { campaign, rounds } = await ended(SPEC.name)
  expect(campaign, campaign.reason).toMatchObject({ phase: 'done', parameters: SHARED, resultVersion: 2 })
  // Each device reads its own few classes with its own layer: far better than one of ten by chance.
  expect(rounds.at(-1)?.accuracy).toBeGreaterThan(0.7)
  expect(rounds.at(-1)?.bytesUp).toBe(3 * SHARED * 4)

  const states = await Promise.all(
    agents.map(async ({ device }) => {
      const kept = join(folder, device, 'campaign-states')
      const [name = '', ...others] = await readdir(kept)
      expect([name, ...others]).toEqual([campaign.id])
      return readFile(join(kept, name))
    }),
  )
  for (const state of states) {
    expect(state.byteLength).toBe((OWN + SHARED) * 4)
    // Weights of one unit of the layer, and corrections of a pixel in the middle of the pictures.
    for (const at of [0, (OWN + 406 * HIDDEN) * 4]) {
      const values = state.subarray(at, at + 40)
      expect(values.some((byte) => byte !== 0)).toBe(true)
      expect(await filesWith(join(folder, 'hub'), values)).toEqual([])
    }
  }
  expect(new Set(states.map((state) => state.subarray(0, OWN * 4).toString('hex'))).size).toBe(3)

  await until(async () => {
    const { version, rolloutStatus } = await client.deployment.get({ deployment: MODEL })
    return version === 2 && rolloutStatus === 'done'
  })
  const served = await rightShares()
  // With the untrained last layer of the version's file, a device would guess.
  for (const share of served) expect(share).toBeGreaterThan(0.7)
  await agents[1]?.kill()
  if (agents[1]) agents[1] = await agents[1].again()
  await until(async () => (await rightShares()).every((share, at) => share === served[at]))
})

test('compressed updates have a quarter of the bytes, and devices learn from them', async () => {
  const { client } = hub
  const { personal: _, ...training } = SPEC.training
  const spec = {
    ...SPEC,
    name: 'small',
    strategy: { kind: 'fedavg' as const },
    training,
    compression: 'int8' as const,
    rounds: 2,
  }
  await client.campaign.create({ spec })
  const { rounds } = await ended('small')
  expect(rounds.slice(1).map(({ bytesUp, counted }) => [bytesUp, counted])).toEqual(
    Array.from({ length: 2 }, () => [3 * compressedBytes(SHARED + OWN), 3]),
  )
  const [base] = rounds
  expect(rounds.at(-1)?.accuracy).toBeGreaterThan((base?.accuracy ?? 1) + 0.1)
})

/** For each device, how many of its own digits its model reads right. */
const rightShares = () =>
  Promise.all(
    agents.map(async ({ restUrl }, at) => {
      const { images, labels } = digits[at] ?? { images: new Uint8Array(), labels: new Uint8Array() }
      const x = Array.from(images, (value) => value / 255)
      const body = { inputs: [{ name: 'x', datatype: 'FP32', shape: [labels.length, PIXELS], data: x }] }
      const answer = await fetch(`${restUrl}/v2/models/${MODEL}/infer`, { method: 'POST', body: JSON.stringify(body) })
      if (!answer.ok) return 0
      const { outputs } = (await answer.json()) as { outputs: [{ data: number[] }] }
      const right = labels.filter((label, row) => {
        const scores = outputs[0].data.slice(row * 10, (row + 1) * 10)
        return scores.indexOf(Math.max(...scores)) === label
      })
      return right.length / labels.length
    }),
  )
