/** History: minutes of mishaps in a world, then peace; and what must have become of it after a while. */
import type { Outcome } from '@skerry/contract/rollouts/rollout'
import { awaitsApproval, isEnded } from '@skerry/core/rollouts/rollout-state'
import { sizeOf } from '@skerry/core/rollouts/wave-verdict'
import { deploymentsInForce } from '@skerry/hub/deployments/deployment-store'
import { findRollout, type RolloutRecord } from '@skerry/hub/rollouts/rollout-store'
import type { Db } from '@skerry/hub/store/store'
import { FAULTLESS } from '@skerry/testkit/faults/lossy-network'
import { doMishap, reviveHub } from './mishaps.ts'
import type { Wish } from './operator.ts'
import { strangersOf } from './peace.ts'
import { openWorld, type World } from './world.ts'

const TICK_MS = 1_000
/** With nobody to disturb it, a slower hub shows as much. */
const PEACE_TICK_MS = 3_000
const MISHAPS_MS = [20_000, 80_000] as const
/** The longest waits of a device are five minutes, and some come one after another. */
const PEACE_MAX_MS = 3_600_000

export type Ending = { broken: readonly string[]; trace: readonly string[]; simulatedMs: number }

/** Lives through the history of this seed. */
export async function liveThrough(seed: number): Promise<Ending> {
  await using world = await openWorld(seed)
  const { clock, chance } = world
  const startedMs = clock.nowMs()
  let isPeace = false
  const stopTicking = keepTicking(world, () => isPeace)
  reviveHub(world)
  await world.addDevices(chance.between(2, 5))
  await pass(world, 2_000)
  world.setRot(0.05)
  const endMs = clock.nowMs() + chance.between(...MISHAPS_MS)
  while (clock.nowMs() < endMs && world.broken.length === 0) {
    doMishap(world)
    await pass(world, chance.between(100, 6_000))
  }
  isPeace = true
  makePeace(world)
  await comeToRest(world)
  stopTicking()
  return { broken: world.broken, trace: world.trace, simulatedMs: clock.nowMs() - startedMs }
}

/** The hub's own tick; and now and then somebody notices that it is down. */
function keepTicking(world: World, isPeace: () => boolean): () => void {
  let isOver = false
  const tick = () => {
    if (isOver) return
    world.life()?.tick()
    if (world.chance.is(0.2)) reviveHub(world)
    world.clock.after(isPeace() ? PEACE_TICK_MS : TICK_MS, tick)
  }
  tick()
  return () => {
    isOver = true
  }
}

async function pass({ clock, broken }: World, ms: number): Promise<void> {
  const untilMs = clock.nowMs() + ms
  let isOver = false
  clock.after(ms, () => {
    isOver = true
  })
  while (!isOver && broken.length === 0) await clock.next()
  if (clock.nowMs() > untilMs) throw new Error('time has run ahead')
}

/** From now on nothing fails, except versions. */
function makePeace(world: World): void {
  const { network, machines, note } = world
  note('peace')
  network.behave(FAULTLESS)
  world.setRot(0)
  for (const machine of machines.values()) {
    network.heal(machine.deviceId)
    machine.locks.releaseAll()
    machine.powerOn()
  }
  // Begun anew, so that it no longer has a death before it.
  world.crashHub()
  reviveHub(world)
}

/** A person looks in now and then; all must be well in the end. */
async function comeToRest(world: World): Promise<void> {
  const { clock, broken } = world
  const endMs = clock.nowMs() + PEACE_MAX_MS
  const isStuck = watchStanding(clock)
  let strangers: string[] = ['not looked yet']
  while (broken.length === 0 && strangers.length > 0) {
    if (clock.nowMs() > endMs) return void broken.push(`does not come to rest: ${strangers.join('; ')}`)
    await pass(world, 10_000)
    const db = world.db()
    strangers = db
      ? [...(await lookIn(world, db, isStuck)), ...(await strangersOf(db, world))]
      : ['the hub has no disk']
  }
  await staysAtRest(world)
}

/** Bears what has failed, approves what waits, lets paused devices go on. Gives the rollouts that have not ended. */
async function lookIn(world: World, db: Db, isStuck: IsStuck): Promise<string[]> {
  const operator = world.operator()
  if (!operator) return ['the hub is down']
  const paused = await db
    .selectFrom('devices')
    .select(['id', 'organisation_id'])
    .where('status', '=', 'conflict-paused')
    .execute()
  for (const { id } of paused) await operator.resumeDevice(id)
  const open: string[] = []
  for (const { name, rollout } of await openRollouts(db)) {
    const { state } = rollout
    open.push(
      `${name} is ${state.status} in wave ${state.wave}: ${JSON.stringify(state.waves.map(({ counts }) => counts))}`,
    )
    for (const wish of wishesFor(rollout, isStuck)) await operator.steer(name, wish)
  }
  for (const text of open) world.note(text)
  return open
}

/** Devices that have lost the model prove nothing: a rollout without others waits for its first. */
const isAnyAwaited = ({ waves, removalWave }: RolloutRecord['state']) =>
  waves.some((wave, index) =>
    index === removalWave ? wave.counts.waiting + wave.counts.offered > 0 : sizeOf(wave) > 0,
  )

/** Without any device there is nobody to tell anything, and it waits for its first. */
async function openRollouts(db: Db) {
  const organisations = await db.selectFrom('organisations').select('id').execute()
  const open: { name: string; rollout: RolloutRecord }[] = []
  for (const { id } of organisations) {
    for (const { name, rolloutId } of await deploymentsInForce(db, id)) {
      const rollout = await findRollout(db, { organisationId: id, rolloutId })
      if (rollout && !isEnded(rollout.state) && isAnyAwaited(rollout.state)) open.push({ name, rollout })
    }
  }
  return open
}

/** A rollout that stands still for so long waits for something that will not come. */
const STUCK_MS = 90_000

type IsStuck = (rollout: RolloutRecord) => boolean

/** Whether no device of it has moved for long. What is measured meanwhile moves nobody. */
function watchStanding(clock: World['clock']): IsStuck {
  const seen = new Map<string, { counts: string; sinceMs: number }>()
  return ({ id, state }) => {
    const counts = JSON.stringify(state.waves.map((wave) => wave.counts))
    const before = seen.get(id)
    if (before?.counts === counts) return before.sinceMs + STUCK_MS < clock.nowMs()
    seen.set(id, { counts, sinceMs: clock.nowMs() })
    return false
  }
}

function wishesFor(rollout: RolloutRecord, isStuck: IsStuck): Wish[] {
  const { state, plan } = rollout
  const isStanding = isStuck(rollout)
  if (awaitsApproval(state)) return ['approve']
  if (state.status === 'paused') return ['resume']
  const sum = (outcome: Outcome) => state.waves.reduce((total, { counts }) => total + counts[outcome], 0)
  // What failed holds up a budget until somebody bears it.
  if (sum('failed') + sum('rejected') + sum('timed-out') > 0) return ['pause', 'resume']
  // A budget that leaves nobody, because all of a group of one must stay available, is a wish that cannot be met.
  return plan.budget && sum('offered') === 0 && sum('waiting') > 0 && isStanding ? ['abort'] : []
}

/** A hub that starts anew looks at everything, and finds nothing to change. */
async function staysAtRest(world: World): Promise<void> {
  if (world.broken.length > 0) return
  const generations = async () =>
    JSON.stringify(await world.db()?.selectFrom('devices').select(['id', 'generation']).orderBy('id').execute())
  const before = await generations()
  world.crashHub()
  reviveHub(world)
  await pass(world, 15_000)
  if ((await generations()) !== before) world.broken.push('a hub that starts anew changes documents')
}
