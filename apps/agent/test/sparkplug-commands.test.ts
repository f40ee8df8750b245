/**
 * A host writes tags of a device through its Sparkplug sink. libmodbus is the equipment, mosquitto the broker, and
 * protoc or a source of our own the host.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TagWriteSum } from '@skerry/core/audit/tag-write-sum'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { hasModbus, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { hasMosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { decode, encode, hasProtoc } from '@skerry/testkit/protoc'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { createSinkFleet } from '../src/runner/equipment/sink-fleet.ts'
import { createSourceBoard } from '../src/runner/equipment/source-board.ts'
import { createSourceFleet } from '../src/runner/equipment/source-fleet.ts'
import { openTagDoor } from '../src/runner/equipment/tag-writes.ts'

const LAMP = { name: 'lamp', address: 'coil:12', write: {} }
const SETPOINT = { name: 'setpoint', address: 'holding:502', type: 'float32', write: { min: 0, max: 2_000 } }
const PRESSURE = { name: 'pressure', address: 'holding:100', type: 'float32' }

const press = (port: number) => ({
  name: 'press-7',
  protocol: 'modbus',
  connection: { host: '127.0.0.1', port, timeoutMs: 30_000 },
  groups: [{ name: 'all', everyMs: 50, tags: [LAMP, SETPOINT, PRESSURE] }],
})

const plant = (port: number) => ({
  name: 'plant',
  protocol: 'sparkplug',
  batch: { lingerMs: 5 },
  connection: {
    host: '127.0.0.1',
    port,
    group: 'plant',
    node: 'line-3',
    timeoutMs: 30_000,
    commands: [{ source: 'press-7', tags: ['lamp', 'setpoint', 'pressure'] }],
  },
})

const metric = (name: string) => ({ name, node: 'line-3', device: 'press-7', metric: name })

/** A control room of our own. */
const scada = (port: number) => ({
  name: 'scada',
  protocol: 'sparkplug',
  connection: { host: '127.0.0.1', port, group: 'plant', timeoutMs: 30_000 },
  groups: [
    {
      name: 'all',
      everyMs: 50,
      tags: [
        { ...metric('lamp'), write: {} },
        { ...metric('setpoint'), write: {} },
      ],
    },
  ],
})

async function startDevice() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-commands-'))
  const board = createSourceBoard()
  const deps = { clock: systemClock, random: Math.random, board }
  const sources = createSourceFleet(deps)
  const door = openTagDoor(sources)
  const hub = async () => ({ kind: 'away' as const, message: 'no link' })
  const sinks = createSinkFleet({ ...deps, hub, door, sourceOf: sources.source })
  const wanted = async (said: { name: string }) => {
    const text = JSON.stringify(said)
    const path = join(folder, `${said.name}.json`)
    await writeFile(path, text)
    return { name: said.name, path, digest: digestOf(text) }
  }
  const sums: TagWriteSum[] = []
  return {
    board,
    sources,
    sinks,
    async run({ source, host, sink }: Record<'source' | 'host' | 'sink', { name: string }>) {
      const means = { secrets: {}, stateFolder: join(folder, 'state') }
      await sources.become({ sources: [await wanted(source), await wanted(host)], ...means })
      const folders = { folder: join(folder, 'sinks'), hubFolder: join(folder, 'hub') }
      await sinks.become({ sinks: [await wanted(sink)], secrets: {}, ...folders })
    },
    /** The sink stops while its broker is there: a sink without its broker waits for it before it ends. */
    async [Symbol.asyncDispose]() {
      await Promise.all([sources[Symbol.asyncDispose](), sinks[Symbol.asyncDispose]()])
      await rm(folder, { recursive: true })
    },
    /** All entries that were recorded so far. */
    written() {
      sums.push(...door.take())
      return sums
    },
  }
}

test.skipIf(!hasModbus || !hasMosquitto || !hasProtoc)(
  "a host writes tags that the sink's file names and the source allows, sees the result, and each write is recorded",
  async () => {
    await using peer = await startModbus()
    await using broker = await startMosquitto()
    const said: { type: string; text: string }[] = []
    const onLine = (line: string) => {
      const [topic = '', hex = ''] = line.split(' ')
      const [, , type = '', , device] = topic.split('/')
      if (device === 'press-7' && type !== 'DCMD')
        said.push({ type, text: decode(Buffer.from(hex, 'hex')).replaceAll(/\s+/g, ' ') })
    }
    await broker.listen('spBv1.0/plant/+/line-3/#', onLine, '-F', '%t %x')
    await using device = await startDevice()
    const { board, sources, written, run } = device
    await run({ source: press(peer.port), host: scada(broker.port), sink: plant(broker.port) })
    const newest = (tag: string) => {
      const value = board.newest('press-7', tag)
      return value?.quality === 'good' ? value.value : undefined
    }
    const hostSees = (tag: string) => {
      const value = board.newest('scada', tag)
      return value?.quality === 'good' ? value.value : undefined
    }
    const seen = () => ({ said, written: written(), tags: [newest('setpoint'), hostSees('setpoint')] })
    const command = (text: string) => broker.publishBytes('spBv1.0/plant/DCMD/line-3/press-7', encode(text))

    await until(() => hostSees('lamp') === false && hostSees('setpoint') !== undefined, { seen })
    // The test's own listener may get messages later than the host.
    const heard = (type: string, part: string) =>
      said.findLast((one) => one.type === type && one.text.includes(part))?.text
    const birth = await until(() => heard('DBIRTH', '"pressure"'), { seen })
    for (const name of ['lamp', 'setpoint', 'pressure']) {
      expect(birth).toMatch(new RegExp(`name: "${name}".*?keys: "readOnly" values { type: 11 boolean_value: false }`))
    }

    // Another client, with protoc's bytes.
    await command('metrics { name: "setpoint" datatype: 10 double_value: 812.5 }')
    await until(() => hostSees('setpoint') === 812.5, { seen })
    await until(() => heard('DDATA', 'double_value: 812.5'), { seen })

    const who = { sink: 'plant', broker: `127.0.0.1:${broker.port}`, source: 'press-7' }
    const isDone = (tag: string) => written().find((sum) => sum.tag === tag && !sum.refusal)
    await until(() => isDone('setpoint'), { seen })
    expect(isDone('setpoint')).toMatchObject({ ...who, value: 812.5, written: 1, refused: 0 })

    // A control room of our own, which waits for the metric to report the value, even if it has the value already.
    expect(await sources.write('scada', { tag: 'lamp', value: true })).toEqual({ ok: true })
    expect(await sources.write('scada', { tag: 'lamp', value: true })).toEqual({ ok: true })

    // One after the other: for one tag, the last rejection replaces the earlier ones.
    const refusals = () => new Set(written().flatMap(({ refusal }) => refusal?.code ?? []))
    const refused: [text: string, code: string][] = [
      ['metrics { name: "setpoint" datatype: 10 double_value: 9000 }', 'tag_range'],
      ['metrics { name: "pressure" datatype: 10 double_value: 1 }', 'tag_read_only'],
      ['metrics { name: "setpoint" datatype: 3 int_value: 1 }', 'command_type'],
      ['metrics { name: "valve" datatype: 11 boolean_value: true }', 'command_unknown'],
    ]
    for (const [text, code] of refused) {
      await command(text)
      await until(() => refusals().has(code), { seen })
    }
    await broker.publishBytes('spBv1.0/plant/DCMD/line-3/press-7', Buffer.from('no protobuf'))
    await until(() => refusals().has('command_unreadable'), { seen })
    const ofNode = 'metrics { name: "Node Control/Reboot" datatype: 11 boolean_value: true }'
    await broker.publishBytes('spBv1.0/plant/NCMD/line-3', encode(ofNode))
    await until(() => written().some(({ source, refusal }) => refusal && source === undefined), { seen })
    // None of these writes arrived.
    const isAsBefore = () => newest('setpoint') === 812.5 && newest('lamp') === true && newest('pressure') === 3.25
    await until(isAsBefore, { seen })
    await until(() => isDone('lamp'), { seen })
    expect(isDone('lamp')).toMatchObject({ ...who, value: true, refused: 0 })

    // Births are repeated on request, with the values that were written since.
    const births = said.filter(({ type }) => type === 'DBIRTH').length
    const rebirth = encode('metrics { name: "Node Control/Rebirth" datatype: 11 boolean_value: true }')
    await broker.publishBytes('spBv1.0/plant/NCMD/line-3', rebirth)
    await until(() => said.filter(({ type }) => type === 'DBIRTH').length > births, { seen })
    expect(heard('DBIRTH', 'double_value: 812.5')).toBeDefined()
  },
)
