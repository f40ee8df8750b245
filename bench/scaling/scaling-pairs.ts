/**
 * The pairs part: the active device of a pair dies, and the other one takes over the equipment and the address. Three
 * agents and a hub are processes of one machine, on computers of their own (network namespaces).
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { namespacesLack } from '@skerry/testkit/faults/namespaces'
import { until } from '@skerry/testkit/until'
import { type Member, openPairStage, overlaps, type PairStage } from '../../test/places/pair-stage.ts'
import { quantileOf } from './scaling-host.ts'

/** [issue 24] From the death of the active device to the work of the other one. */
const GOAL_MS = 5_000

const KILLS = 10

/** The parts of a takeover, each in milliseconds after the death. */
type Takeover = { active: number; equipment: number; write: number; serves: number }

/** Needs root for the computers. */
export async function measurePairs(): Promise<object> {
  const lack = namespacesLack()
  if (lack !== undefined) return { skipped: lack }
  await using stage = await openPairStage()
  await stage.isReady()
  const takeovers: Takeover[] = []
  for (let kill = 0; kill < KILLS; kill++) takeovers.push(await takeOver(stage))
  const summary = (part: keyof Takeover) => {
    const samples = takeovers.map((one) => one[part])
    return {
      p50Ms: Math.round(quantileOf(samples, 0.5)),
      p95Ms: Math.round(quantileOf(samples, 0.95)),
      mostMs: Math.round(Math.max(...samples)),
    }
  }
  const turns = overlaps(stage.writes, KILLS)
  const last = Math.max(...takeovers.flatMap(({ write, serves }) => [write, serves]))
  return {
    kills: KILLS,
    cores: availableParallelism(),
    toLease: summary('active'),
    toEquipment: summary('equipment'),
    toFirstWrite: summary('write'),
    toAddress: summary('serves'),
    overlaps: turns.length,
    goalMs: GOAL_MS,
    isReached: last <= GOAL_MS && turns.length === 0,
  }
}

/** Kills the active device, waits for the other one, and starts the first one again. */
async function takeOver(stage: PairStage): Promise<Takeover> {
  const { writes, agents } = stage
  const first = await stage.active()
  const other: Member = first === 'a' ? 'b' : 'a'
  const killedMs = performance.now()
  const killedAtMs = Date.now()
  await stage.kill(first)
  const written = until(() => writes.find(({ by, atMs }) => by === other && atMs > killedMs), { what: 'a write' })
  const served = until(stage.serves, { what: 'the address to serve' }).then(() => performance.now() - killedMs)
  const [write, serves] = await Promise.all([written, served])
  const times = {
    active: await timeOf(stage, other, 'pair_active', killedAtMs),
    equipment: await timeOf(stage, other, 'sources_running', killedAtMs),
    write: write.atMs - killedMs,
    serves,
  }
  agents[first] = await agents[first].again()
  await stage.isReady()
  return times
}

/** The time of the first such line in the log of the device, after the death. */
async function timeOf({ folder }: PairStage, name: Member, event: string, sinceMs: number): Promise<number> {
  const find = async () => {
    const text = await readFile(join(folder, `${name}.log`), 'utf8')
    const times = text.split('\n').flatMap((line) => {
      if (!line.includes(`"${event}"`)) return []
      const atMs = Date.parse(JSON.parse(line).time)
      return atMs >= sinceMs ? [atMs - sinceMs] : []
    })
    return times[0] !== undefined && { ms: times[0] }
  }
  return (await until(find, { what: `${event} of ${name}` })).ms
}
