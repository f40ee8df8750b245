/**
 * Mishaps: random events in the world while nobody protects it: crashes, cuts, requests of people, all at any moment.
 */
import { anyLabels, anySpec, type Chance, DEPLOYMENTS } from './choices.ts'
import type { Wish } from './operator.ts'
import type { World } from './world.ts'

type Mishap = readonly [weight: number, name: string, happen: (world: World) => unknown]

const MISHAPS: readonly Mishap[] = [
  [6, 'apply', ({ chance, operator }) => operator()?.apply(anySpec(chance))],
  [8, 'steer', ({ chance, operator }) => operator()?.steer(anyName(chance), anyWish(chance))],
  [1, 'remove deployment', ({ chance, operator }) => operator()?.removeDeployment(anyName(chance))],
  [3, 'batch', ({ chance, operator }) => operator()?.sendBatch(chance)],
  [1, 'steer batch', ({ chance, operator }) => operator()?.steerBatch(chance)],
  [2, 'join', (world) => (world.machines.size < MACHINES_MAX ? world.addDevices(1) : undefined)],
  [1, 'remove device', (world) => world.operator()?.removeDevice(anyMachine(world).deviceId)],
  [2, 'relabel', (world) => world.operator()?.relabel(anyMachine(world).deviceId, anyLabels(world.chance))],
  [2, 'retry device', (world) => world.operator()?.retryDevice(anyMachine(world).deviceId, anyName(world.chance))],
  [2, 'resume device', (world) => world.operator()?.resumeDevice(anyMachine(world).deviceId)],
  [3, 'kill the hub', (world) => killHub(world)],
  [3, 'kill the hub in its work', ({ life, chance }) => life()?.crashAfter(chance.between(0, 6), chance.is(0.5))],
  [6, 'cut power', (world) => cutPower(world)],
  [5, 'cut off', (world) => cutOff(world)],
  [3, 'silence', (world) => world.network.silence(anyMachine(world).deviceId)],
  [3, 'lock', (world) => lock(world)],
  [2, 'weather', ({ network, chance }) => network.behave(anyWeather(chance))],
  [1, 'back up', (world) => world.backUp()],
  [1, 'restore', (world) => restore(world)],
]

const [RAREST, ...OTHERS] = MISHAPS.flatMap((mishap) => new Array<Mishap>(mishap[0]).fill(mishap)) as [
  Mishap,
  ...Mishap[],
]
const WEIGHTED: readonly [Mishap, ...Mishap[]] = [RAREST, ...OTHERS]

/** More would take longer, and show nothing that these do not. */
const MACHINES_MAX = 8

/** Does one of the mishaps, by chance. */
export function doMishap(world: World): void {
  const { chance, note } = world
  const [, name, happen] = chance.one(...WEIGHTED)
  note(name)
  // A dying hub answers nobody; a living one rejects requests that do not fit.
  void Promise.resolve(happen(world)).catch((error: unknown) => note(`refused: ${String(error)}`))
}

/** Sees to it that a hub which died by itself is started again. */
export function reviveHub(world: World): void {
  if (world.life()) return
  world.note('the hub starts')
  world.startHub()
}

const anyName = (chance: Chance) => chance.one<(typeof DEPLOYMENTS)[number]>(...DEPLOYMENTS).name

const anyWish = (chance: Chance) =>
  chance.one<Wish>('pause', 'resume', 'resume', 'approve', 'approve', 'retry', 'abort', 'rollback')

const anyMachine = ({ machines, chance }: World) => {
  const [first, ...others] = machines.values()
  if (!first) throw new Error('a world without machines')
  return chance.one(first, ...others)
}

/** Fine, wet, or a storm. */
const anyWeather = (chance: Chance) =>
  chance.one(
    { lost: 0, doubled: 0.02, delayMs: [1, 50] as const },
    { lost: 0.05, doubled: 0.1, delayMs: [5, 2_000] as const },
    { lost: 0.3, doubled: 0.3, delayMs: [50, 15_000] as const },
  )

function killHub({ crashHub }: World): void {
  crashHub()
}

function cutPower(world: World): void {
  const machine = anyMachine(world)
  world.note(`power of ${machine.deviceId}`)
  machine.cutPower()
  world.clock.after(world.chance.between(0, 20_000), () => machine.powerOn())
}

function cutOff(world: World): void {
  const { deviceId } = anyMachine(world)
  world.network.cut(deviceId)
  world.clock.after(world.chance.between(1_000, 60_000), () => world.network.heal(deviceId))
}

/** Until somebody releases it, or until a time by the machine's own clock, which is years off on some. */
function lock(world: World): void {
  const { locks } = anyMachine(world)
  const { chance, clock } = world
  locks.take(chance.is(0.3) ? clock.nowMs() + chance.between(1_000, 60_000) : undefined)
  clock.after(chance.between(1_000, 60_000), () => locks.releaseAll())
}

async function restore(world: World): Promise<void> {
  world.crashHub()
  await world.restore()
}
