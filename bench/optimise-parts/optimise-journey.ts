/**
 * The journey of the recogniser: a hub and two devices as real processes, from the push to a build that both devices
 * serve. Each phase has its seconds.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { type OptimiseModel, optimiseModels } from './optimise-models.ts'

const NAME = 'recogniser'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const DEVICES = ['press-1', 'press-2']

/** Static int8 of this model reaches it; with the usual goal, the search for better nodes takes minutes. */
const GOAL = { agreementMin: 0.95, differenceMax: 0.05 }
const RECIPES = ['dynamic-int8', 'static-int8-percentile'] as const

/** Eight sittings or more of three candidates, on two devices that share a busy machine. */
const BENCH_SECONDS = 150

export const JOURNEY_GOAL_SECONDS = 300

/** A golden file holds 16 MB, and each answer of this model is one. */
const GOLDEN_EVERY = 2

type Phases = Record<'push' | 'optimise' | 'measure' | 'rollOut', number>

export type Journey = { seconds: number; phases: Phases; admitted: string[]; served: string[] }

/** Runs it once. */
export async function optimiseJourney(): Promise<Journey> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-journey-'))
  const model = (await optimiseModels()).find(({ name }) => name === NAME)
  if (!model) throw new Error(`there is no model ${NAME}`)
  const hub = await startHub(await newHubHome(folder))
  const agents: AgentProgram[] = []
  try {
    for (const device of DEVICES) agents.push(await startAgent(hub, { site: SITE, device, folder }))
    return await journey(hub, model)
  } finally {
    for (const agent of agents) await agent.stop()
    await hub.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function journey(hub: HubProgram, model: OptimiseModel): Promise<Journey> {
  const phases: Phases = { push: 0, optimise: 0, measure: 0, rollOut: 0 }
  const timed = async <Result>(phase: keyof Phases, work: () => Promise<Result>) => {
    const startedMs = performance.now()
    const result = await work()
    phases[phase] = (performance.now() - startedMs) / 1_000
    return result
  }
  await timed('push', () => push(hub, model))
  const admitted = await timed('optimise', () => optimise(hub))
  await timed('measure', () => measure(hub))
  const served = await timed('rollOut', () => rollOut(hub))
  const seconds = Object.values(phases).reduce((sum, each) => sum + each, 0)
  return { seconds, phases, admitted, served }
}

async function push(hub: HubProgram, { bytes, input, shape, inputs }: OptimiseModel): Promise<void> {
  const cases = inputs
    .filter((_, index) => index % GOLDEN_EVERY === 0)
    .map((values) => ({ inputs: { [input]: floatTensor(shape, values) } }))
  await pushModel(hub, { name: NAME, bytes: new Uint8Array(bytes), golden: { cases } })
}

async function optimise({ client }: HubProgram): Promise<string[]> {
  const { id } = await client.optimisation.start({ name: NAME, version: '1', recipes: [...RECIPES], goal: GOAL })
  await until(async () => (await client.optimisation.get({ optimisation: id })).endedAtMs !== undefined, WAIT)
  const { results } = await client.optimisation.get({ optimisation: id })
  return results.flatMap(({ recipe, outcome }) => (outcome === 'admitted' ? [recipe] : []))
}

/** Longer than the goal, so that a slow machine still has a figure. */
const WAIT = { patienceMs: 600_000 }

async function measure({ client }: HubProgram): Promise<void> {
  const request = { name: NAME, version: '1', seconds: BENCH_SECONDS, cpuPercent: 100 }
  const command = await client.build.benchCommand(request)
  const { id } = await client.batch.create({ command, selector: 'true' })
  await client.batch.sign({ batch: id })
  await client.batch.send({ batch: id })
  await until(async () => (await client.batch.get({ batch: id })).status === 'ended', WAIT)
}

/** The form that each device serves. */
async function rollOut({ client }: HubProgram): Promise<string[]> {
  const spec = { name: NAME, deployable: NAME, version: '1', probation: { seconds: 0 }, build: 'best' as const }
  await client.deployment.apply(spec)
  await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done', WAIT)
  return Promise.all(
    DEVICES.map(async (device) => {
      const [item] = (await client.device.get({ device })).items
      return `${device}: ${item?.servingBuild?.recipe ?? 'the version itself'}`
    }),
  )
}
