/** What every connector does, held against each of them: its own folder, an equipment of its own, the same promises. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Source } from '@skerry/contract/sources/source'
import { type Clock, systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, planSource } from '../src/sources/connectors.ts'
import { EQUIPMENT, type StartedEquipment } from './stage/equipment.ts'
import { named, pressOf } from './stage/press.ts'
import { openStage as openBareStage } from './stage/stage.ts'
import type { TurnsSeen, TurnsTask } from './stage/turns-thread.ts'

describe.each(EQUIPMENT.map((one) => ({ name: one.protocol, ...one })))('$name', (equipment) => {
  const { protocol, isThere, start, tags, secrets = {} } = equipment
  let started: StartedEquipment | undefined
  let stateFolder: string
  beforeAll(async () => {
    stateFolder = await mkdtemp(join(tmpdir(), 'skerry-conformance-'))
    started = isThere ? await start() : undefined
  })
  afterAll(async () => {
    await started?.[Symbol.asyncDispose]()
    await rm(stateFolder, { recursive: true })
  })

  const sourceOf = (everyMs?: number) => pressOf(equipment, started, everyMs)
  const openStage = (source: Source) =>
    openBareStage(source, { secrets: { ...secrets, ...started?.secrets }, stateFolder })

  test.skipIf(!isThere)(
    'gives each tag a value, a quality and the time of receipt, each group at its rate; a value of no sound sensor is bad',
    async () => {
      const before = Date.now()
      await using stage = openStage(sourceOf())
      await stage.until(() => stage.count('steady') > 20 && stage.count('sensor') > 5)
      expect(stage.newest('steady')).toMatchObject({
        tag: 'steady',
        quality: 'good',
        value: 3.25,
        receivedTimeMs: expect.any(Number),
      })
      expect(stage.newest('steady')?.receivedTimeMs).toBeGreaterThanOrEqual(before)
      expect(stage.count('steady')).toBeGreaterThan(stage.count('sensor'))
      expect(stage.host.state()).toEqual({ kind: 'up' })
      // A session that has just begun may say first that no value has come yet.
      await stage.until(() => {
        const value = stage.newest('sensor')
        return value !== undefined && !(value.quality === 'bad' && value.cause.code === 'value_awaited')
      })
      expect(stage.newest('sensor')).toMatchObject({ quality: 'bad', cause: { code: 'value_unexpected' } })
      expect(stage.newest('sensor')).not.toHaveProperty('value')
    },
  )

  test.skipIf(!isThere)(
    'a value beyond what it is clamped to is the clamp, and says what it was',
    quickFor(protocol, ['simulator']),
    async () => {
      const source = sourceOf()
      const [fast] = source.groups
      const clamped = { ...named('steady', tags), name: 'clamped', clamp: { max: 3 } }
      const groups = [{ ...fast, tags: [named('steady', tags), clamped] }]
      await using stage = openStage(Source.parse({ ...source, groups }))
      await stage.until(() => stage.count('clamped') > 0 && stage.count('steady') > 0)
      expect(stage.newest('steady')).toMatchObject({ quality: 'good', value: 3.25 })
      expect(stage.newest('clamped')).toMatchObject({
        quality: 'uncertain',
        value: 3,
        cause: { code: 'value_clamped', message: 'it was 3.25' },
      })
    },
  )

  if (tags.writable)
    test.skipIf(!isThere)(
      'writes only while the interlock of the tag is fulfilled by what the equipment says',
      quickFor(protocol, ['simulator']),
      async () => {
        const source = guarded(sourceOf(), {
          open: 'tags["steady"] < 4',
          closed: 'tags["steady"] > 4',
          unsure: 'tags["steady"] < 4 || tags["sensor"] > 0',
        })
        await using stage = openStage(source)
        await stage.until(() => ['steady', 'sensor', 'open'].every((name) => stage.count(name) > 0))
        const refused = { ok: false, code: 'tag_interlocked' }
        // It was let through; whether its echo came in time is told elsewhere.
        const through = await stage.host.write('open', 20.5)
        expect(through.ok || through.code === 'write_unverified', JSON.stringify(through)).toBe(true)
        expect(await stage.host.write('closed', 40)).toMatchObject({
          ...refused,
          message: expect.stringContaining('is false: steady is 3.25'),
        })
        expect(await stage.host.write('unsure', 40)).toMatchObject({
          ...refused,
          message: expect.stringContaining('sensor is bad'),
        })
        const isWritten = () =>
          stage.told.some((value) => value.tag === 'open' && 'value' in value && value.value === 20.5)
        await stage.until(isWritten)
      },
    )
  if (TAKES_NO_TURNS.has(protocol))
    test.skipIf(!isThere)(
      'reads nothing between the reading that an interlock is judged by and the write',
      quickFor(protocol, ['snmp']),
      async () => {
        const source = guarded(sourceOf(), { open: 'tags["steady"] < 4' })
        const { outcomes, asked, reads } = await seenAround(source, {
          secrets: { ...secrets, ...started?.secrets },
          stateFolder,
        })
        expect(outcomes.filter((one) => !one.ok && one.code !== 'write_unverified')).toEqual([])
        expect(asked).toEqual(Array.from({ length: 2 * outcomes.length }, () => ({ last: 'steady', underWay: 0 })))
        expect(reads).toBeGreaterThan(outcomes.length)
      },
    )
  if (tags.writable)
    test.skipIf(!isThere)(
      'writes what may be written and reads it back, and refuses all else before the equipment hears of it',
      SHOWS_WRITES.has(protocol) ? deep('its own quick test shows how it is written') : {},
      async () => {
        await using stage = openStage(sourceOf())
        await stage.until(() => stage.count('writable') > 0)
        expect(await stage.host.write('writable', 21.5)).toEqual({ ok: true })
        const after = stage.count('writable')
        await stage.until(() => stage.count('writable') > after + 1)
        expect(stage.newest('writable')).toMatchObject({ quality: 'good', value: 21.5 })
        expect(await stage.host.write('writable', 91)).toMatchObject({ ok: false, code: 'tag_range' })
        expect(await stage.host.write('steady', 1)).toMatchObject({ ok: false, code: 'tag_read_only' })
        expect(await stage.host.write('nothing', 1)).toMatchObject({ ok: false, code: 'tag_unknown' })
        expect(await stage.host.write('writable', 1)).toEqual({ ok: true })
        expect(await stage.host.write('writable', 2)).toEqual({ ok: true })
        expect(await stage.host.write('writable', 3)).toMatchObject({ ok: false, code: 'tag_rate' })
      },
    )
  else
    test.skipIf(!isThere)('what can only be read is never written', quickFor(protocol, ['files']), async () => {
      await using stage = openStage(sourceOf())
      await stage.until(() => stage.count('steady') > 0)
      expect(await stage.host.write('steady', 1)).toMatchObject({ ok: false, code: 'tag_read_only' })
      expect(await stage.host.write('nothing', 1)).toMatchObject({ ok: false, code: 'tag_unknown' })
    })

  test.skipIf(!isThere)('ends at once when it is told to', quickFor(protocol, ['modbus']), async () => {
    const stage = openStage(sourceOf(60_000))
    await stage.until(() => stage.count('steady') > 0)
    await stage[Symbol.asyncDispose]()
    const told = stage.count('steady')
    const code = tags.writable ? 'write_refused' : 'tag_unknown'
    expect(await stage.host.write('writable', 1)).toMatchObject({ ok: false, code })
    expect(stage.count('steady')).toBe(told)
  })

  if (PAUSES.has(protocol))
    test.skipIf(!isThere)('leaves equipment alone for as long as it needs, after each request', async () => {
      const source = sourceOf()
      const after = AFTER_CONNECT.has(protocol) ? { pauseAfterConnectMs: 11_111 } : {}
      const connection = { ...source.connection, ...after, pauseBetweenRequestsMs: 22_222 }
      const slept: number[] = []
      const stop = new AbortController()
      const deps = {
        random: Math.random,
        secrets: { ...secrets, ...started?.secrets },
        stateFolder,
        room: async () => undefined,
      }
      const clock: Clock = {
        ...systemClock,
        async sleep(ms, signal) {
          slept.push(ms)
          if (ms < 11_111) await systemClock.sleep(ms, signal)
        },
      }
      await using session = await openSession(Source.parse({ ...source, connection }), { ...deps, clock }, stop.signal)
      const pauses = (wanted: number) => slept.filter((ms) => ms === wanted).length
      expect(pauses(11_111)).toBe(AFTER_CONNECT.has(protocol) ? 1 : 0)
      const before = pauses(22_222)
      for (const group of source.groups) await session.read(group, stop.signal)
      const { groups } = await planSource(source)
      expect(pauses(22_222)).toBe(before + groups.reduce((sum, { requests }) => sum + requests, 0))
    })

  test.skipIf(!isThere)('says what it would ask for without asking', async () => {
    const { groups, problems } = await planSource(sourceOf())
    expect(groups.map(({ group }) => group)).toEqual(['fast', 'slow'])
    expect(problems).toEqual([])
  })
})

/** Which protocols show in the quick tier how the code that all connectors share behaves; the deep tier asks each of them. */
const quickFor = (protocol: string, quick: readonly string[]) =>
  quick.includes(protocol) ? {} : deep(`shared by all connectors, and shown by ${quick.join()}`)

/** Protocols whose own quick test shows a write, and that start slowly. */
const SHOWS_WRITES = new Set(['opcua'])

/** Those of which several requests may be under way at once. Of the others, requests take turns in the connector itself. */
const TAKES_NO_TURNS = new Set(['bacnet', 'http', 'opcua', 'snmp'])

/** Those that are asked, and not only listened to; the library of BACnet, which pauses by the same function as SNMP, loads in a thread only. */
const PAUSES = new Set(['ethernet-ip', 'http', 'modbus', 's7', 'serial', 'snmp'])

const AFTER_CONNECT = new Set(['ethernet-ip', 'modbus', 's7', 'serial'])

/** What is asked of the equipment around writes of `open`, while all groups are read without a pause. */
async function seenAround(
  source: Source,
  surroundings: Pick<TurnsTask, 'secrets' | 'stateFolder'>,
): Promise<TurnsSeen> {
  const task: TurnsTask = { source, ...surroundings, tag: 'open' }
  const thread = new Worker(new URL('./stage/turns-thread.ts', import.meta.url), { workerData: task })
  const [seen] = await once(thread, 'message')
  await thread.terminate()
  return seen
}

/** With tags that are written where its `writable` is, each with a condition. */
function guarded(source: Source, conditions: Record<string, string>): Source {
  const [first, ...others] = source.groups
  const writable: object | undefined = first?.tags.find(({ name }) => name === 'writable')
  const more = Object.entries(conditions).map(([name, when]) => ({
    ...writable,
    name,
    write: { min: 0, max: 90, interlock: { when, ageMaxSeconds: 3_600 } },
  }))
  return Source.parse({ ...source, groups: [{ ...first, tags: [...(first?.tags ?? []), ...more] }, ...others] })
}
