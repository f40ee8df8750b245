/**
 * Scarce: deployments share a fleet that has hardly enough room. It compares the first come with the relief of the placer,
 * and both with HiGHS, a mixed-integer solver, which knows the optimum.
 */
import { Placement } from '@skerry/contract/places/placement'
import { DeviceId } from '@skerry/contract/values/ids'
import { type PlaceCandidate, type PlacedReplica, type Placing, place } from '@skerry/core/places/place'
import { type Reserves, relieve } from '@skerry/core/places/relief'
import highs from 'highs'

/** [highs 1.15.3] Its types are those of CommonJS, and Node imports its ES module. */
const openHighs = highs as unknown as typeof highs.default

const DEPLOYMENTS = 50

/** Replicas of all deployments, as a share of the room. */
const FULLNESS = 0.95

/** The solver needs minutes for more. */
const SOLVED_DEVICES = 1_000

/** A fleet comes to rest much sooner. */
const LOOKS_MAX = 60

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

const idOf = (at: number) =>
  DeviceId.parse(`dev_${Array.from({ length: 8 }, (_, digit) => LETTERS[Math.floor(at / 32 ** digit) % 32]).join('')}`)

const cpuMs = () => process.cpuUsage().user / 1_000

type Wish = { usable: readonly number[]; replicas: number }

/** The first deployments may use every device, the last ones only a few, which the first ones have taken. */
function wishesOf(devices: number): Wish[] {
  const replicas = Math.floor((devices * FULLNESS) / DEPLOYMENTS)
  const all = Array.from({ length: devices }, (_, at) => at)
  return Array.from({ length: DEPLOYMENTS }, (_, at) => {
    const share = Math.max(replicas, Math.round(devices * (1 - at / DEPLOYMENTS)))
    return { usable: all.slice(0, share), replicas }
  })
}

type Looked = { held: readonly (readonly PlacedReplica[])[]; placings: readonly Placing[] }

/** One look of the placer over all deployments. A device has room for one. */
function look(wishes: readonly Wish[], before: Looked['held'], reserves: Reserves): Looked {
  const held = [...before]
  const counts = new Map<DeviceId, number>()
  const count = (at: number, by: number) => {
    for (const { id } of held[at] ?? []) counts.set(id, (counts.get(id) ?? 0) + by)
  }
  for (const at of wishes.keys()) count(at, 1)
  const placings = wishes.map(({ usable, replicas }, at) => {
    count(at, -1)
    const candidates = usable.map((device): PlaceCandidate => {
      const id = idOf(device)
      const site = { name: `site-${device % 100}`, kind: 'edge', country: 'DE', clearance: 'internal' } as const
      return { id, name: `device-${device}`, site, silentSeconds: 0, load: counts.get(id) ?? 0, capacity: 1 }
    })
    const facts = { candidates, current: held[at] ?? [], recentMoves: 0, reserved: reserves.get(String(at)) }
    const placing = place(Placement.parse({ replicas }), facts)
    const kept = placing.candidates.filter(({ verdict }) => verdict === 'picked' || verdict === 'leaving')
    held[at] = kept.map(({ candidate, verdict }) => ({
      id: candidate.id,
      isActive: true,
      isLeaving: verdict === 'leaving',
    }))
    count(at, 1)
    return placing
  })
  return { held, placings }
}

const unmetOf = ({ placings }: Looked) => placings.reduce((sum, { unmet }) => sum + unmet, 0)

export async function shareFleet(devices: number): Promise<object> {
  const wishes = wishesOf(devices)
  let looked = look(wishes, [], new Map())
  const unmetBefore = unmetOf(looked)
  const times: number[] = []
  let stops = 0
  let rowsMax = 0
  for (let round = 0; round < LOOKS_MAX; round++) {
    const before = cpuMs()
    const { reserves, isStopped } = relieve(
      looked.placings.map((placing, at) => ({ id: String(at), isMovable: true, placing })),
    )
    times.push(cpuMs() - before)
    if (isStopped) stops += 1
    rowsMax = Math.max(
      rowsMax,
      [...reserves.values()].reduce((sum, { size }) => sum + size, 0),
    )
    if (reserves.size === 0) break
    looked = look(wishes, looked.held, reserves)
  }
  const solved = devices <= SOLVED_DEVICES ? await solve(devices, wishes) : undefined
  return {
    devices,
    deployments: DEPLOYMENTS,
    unmetBefore,
    unmetAfter: unmetOf(looked),
    looks: times.length,
    /** Looks that a limit ended: the next ones went on. */
    stops,
    /** Rows that the hub stores after a look. */
    rowsMax,
    /** Processor times: less than the times on a machine that has other work. */
    slowestReliefCpuMs: Math.round(Math.max(...times)),
    reliefCpuMs: Math.round(times.reduce((sum, one) => sum + one, 0)),
    ...(solved && { unmetBest: solved.unmet, solverCpuMs: Math.round(solved.ms) }),
  }
}

/** [HiGHS] Each replica has one device, and each device has one replica. */
async function solve(devices: number, wishes: readonly Wish[]): Promise<{ unmet: number; ms: number }> {
  const highs = await openHighs()
  const nameOf = (wish: number, device: number) => `x${wish}_${device}`
  const sum = (names: readonly string[]) => names.join(' + ')
  const all = wishes.flatMap(({ usable }, at) => usable.map((device) => nameOf(at, device)))
  const rows = [
    ...wishes.map(({ usable, replicas }, at) => `${sum(usable.map((device) => nameOf(at, device)))} <= ${replicas}`),
    ...Array.from({ length: devices }, (_, device) => {
      const users = wishes.flatMap(({ usable }, at) => (device < usable.length ? [nameOf(at, device)] : []))
      return `${sum(users)} <= 1`
    }),
  ]
  const text = `Maximize\n all: ${sum(all)}\nSubject To\n${rows.map((row, at) => ` r${at}: ${row}`).join('\n')}\nBinary\n ${all.join('\n ')}\nEnd`
  const before = cpuMs()
  const { ObjectiveValue: met } = highs.solve(text)
  const wanted = wishes.reduce((total, { replicas }) => total + replicas, 0)
  return { unmet: wanted - Math.round(met), ms: cpuMs() - before }
}
