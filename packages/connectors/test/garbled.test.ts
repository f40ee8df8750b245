/**
 * What equipment says arrives spoiled: nothing of it ends a source, nothing is taken for what it is not, and when it is over all is as before. Another seed and
 * more pieces look for what is left: `GARBLED_SEED=7 GARBLED_PIECES=200`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TagValue } from '@skerry/contract/sources/tag'
import { type GarblingWay, openGarblingUdpWay, openGarblingWay } from '@skerry/testkit/faults/garbling-way'
import { openSerialBridge } from '@skerry/testkit/faults/serial-bridge'
import { deep } from '@skerry/testkit/tier'
import { describe, expect, test } from 'vitest'
import { EQUIPMENT, type Equipment, type StartedEquipment } from './stage/equipment.ts'
import { pressOf } from './stage/press.ts'
import { openStage, type Stage } from './stage/stage.ts'

const SEED = Number(process.env.GARBLED_SEED ?? 20_261_127)
const PIECES = Number(process.env.GARBLED_PIECES ?? 12)

/** Signed and encrypted: what is spoiled is no answer at all. */
const SIGNED = {
  name: 'snmp, signed',
  hasChecksum: true as const,
  secrets: { auth: 'auth-pass-12', priv: 'priv-pass-12' },
  impatient: {
    timeoutMs: 500,
    access: {
      version: 'v3',
      name: 'plain',
      auth: { protocol: 'sha', password: { secret: 'auth' } },
      privacy: { protocol: 'aes', password: { secret: 'priv' } },
    },
  },
}

const BETWEEN = [
  ...EQUIPMENT,
  ...EQUIPMENT.filter(({ protocol }) => protocol === 'snmp').map((one) => ({ ...one, ...SIGNED })),
]
  .filter(({ way }) => way !== undefined)
  .map((equipment) => ({ title: equipment.name ?? equipment.protocol, equipment }))

/** What each tag may be without anything having been spoiled; the sensor is beyond what it may be, and so bad. */
const SOUND: Readonly<Record<string, readonly unknown[]>> = { steady: [3.25], writable: [30, 20.5], sensor: [] }
const OF_OTHERS: Readonly<Record<string, readonly unknown[]>> = {
  steady: [30, 59_993],
  writable: [3.25, 59_993],
  sensor: [3.25, 30],
}

/** One that answers over TCP and one that tells by itself; the deep tier spoils what every peer says. */
const QUICK = ['modbus', 'mqtt']
const isQuick = ({ title }: { title: string }) => QUICK.includes(title)

describe(`answers that are spoiled by the seed ${SEED}`, () => {
  test.concurrent.for(BETWEEN.filter(isQuick))('$title', ({ equipment }) => spoil(equipment))
  test.concurrent.for(BETWEEN.filter((one) => !isQuick(one)))(
    '$title',
    deep('every peer meets spoiled answers; modbus and mqtt do so in the quick tier'),
    ({ equipment }) => spoil(equipment),
  )
})

async function spoil(equipment: Equipment): Promise<void> {
  if (!equipment.isThere) return
  const stateFolder = await mkdtemp(join(tmpdir(), 'skerry-garbled-'))
  await using started = await equipment.start()
  await using between = await standBetween(equipment, started)
  const { way, reached } = between
  const connection = { ...reached.connection, ...(equipment.impatient ?? { timeoutMs: 500 }) }
  const stage = openStage(pressOf(equipment, { ...reached, connection }), {
    secrets: { ...equipment.secrets, ...started.secrets },
    stateFolder,
  })
  await stage.until(() => stage.newest('steady')?.quality === 'good')
  way.garble()
  const asked = Promise.all([stage.host.write('writable', 20.5), stage.host.browse('')])
  const pieces = Math.ceil(PIECES * (equipment.garbledShare ?? 1))
  await stage.until(() => way.garbled() >= pieces || isOver(stage))
  way.clear()
  const { length } = stage.told
  const isBack = (value: TagValue) => value.tag === 'steady' && value.quality === 'good' && value.value === 3.25
  await stage.until(() => stage.told.slice(length).some(isBack) || stage.host.figures().crashes > 0)
  for (const outcome of await asked) expect(outcome.ok || outcome.code).toBeTruthy()
  await stage[Symbol.asyncDispose]()
  expect(stage.states.filter(({ kind }) => kind === 'crashed')).toEqual([])
  expect(stage.told.filter((value) => isWrong(equipment, value))).toEqual([])
  await rm(stateFolder, { recursive: true, force: true })
}

/** Noise that says that we are not let in is believed, and asked again only much later. */
const isOver = ({ states, host }: Stage): boolean => {
  const state = states.at(-1)
  return host.figures().crashes > 0 || (state?.kind === 'down' && state.cause.code === 'source_refused')
}

/** Where the type is in the source's file, and not in what is said: there it stays what it is. */
const TYPED_BY_US = ['modbus', 's7', 'serial', 'knx']

/** Where a value comes with its address: a bit that was turned in it makes it another's, and nothing shows it. */
const ADDRESSED = ['iec104', 'knx']

/** A bit that was turned in a number shows where there is a checksum. Else it is another number; but never what another tag was asked for. */
function isWrong({ hasChecksum, protocol }: Equipment, value: TagValue): boolean {
  if (value.quality === 'bad') return false
  if (hasChecksum) return !SOUND[value.tag]?.includes(value.value)
  if (TYPED_BY_US.includes(protocol) && typeof value.value !== 'number') return true
  return !ADDRESSED.includes(protocol) && OF_OTHERS[value.tag]?.includes(value.value) === true
}

type Between = AsyncDisposable & { way: GarblingWay; reached: Pick<StartedEquipment, 'connection' | 'more'> }

async function standBetween({ way: kind }: Equipment, { place, by }: StartedEquipment): Promise<Between> {
  if (place === undefined || !by) throw new Error('nothing can stand before this equipment')
  const garbling = { seed: SEED, isCuttable: kind === 'tcp' }
  if (kind !== 'line') {
    const way = await (kind === 'udp' ? openGarblingUdpWay : openGarblingWay)(Number(place), garbling)
    return { way, reached: by({ port: way.port, path: '' }), [Symbol.asyncDispose]: () => way[Symbol.asyncDispose]() }
  }
  const bridge = await openSerialBridge(String(place))
  const way = await openGarblingWay(bridge.port, garbling)
  const path = await bridge.lead(way.port)
  return {
    way,
    reached: by({ port: 0, path }),
    async [Symbol.asyncDispose]() {
      await bridge[Symbol.asyncDispose]()
      await way[Symbol.asyncDispose]()
    },
  }
}
