/** Interlocks against real equipment: a PLC whose guard opens between a round and the write, that dies or freezes; a machine that speaks by itself. */
import { ModbusSource, MqttSource } from '@skerry/contract/sources/source'
import { hasModbus, type ModbusPeer, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { hasMosquitto, type Mosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { deep, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planSource } from '../src/sources/connectors.ts'
import { openStage } from './stage/stage.ts'

const refused = (why: string) => ({ ok: false, code: 'tag_interlocked', message: expect.stringContaining(why) })

describe.skipIf(!hasModbus)('modbus', () => {
  let peer: ModbusPeer
  beforeAll(async () => {
    peer = await startModbus()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  const WHEN = 'tags["guard-closed"] && tags["speed"] < 5'
  const guarded = (when: string, more: object = {}) => ({ write: { ...more, interlock: { when } } })
  const slow = (tags: object[], everyMs = 3_600_000) =>
    ModbusSource.parse({
      name: 'press',
      protocol: 'modbus',
      connection: { host: '127.0.0.1', port: peer.port, timeoutMs: 2_000 },
      groups: [
        { name: 'guards', everyMs, tags: [{ name: 'guard-closed', address: 'coil:40', write: { perMinute: 6_000 } }] },
        { name: 'rest', everyMs, tags: [{ name: 'speed', address: 'holding:40', write: {} }, ...tags] },
      ],
    })
  const MOTOR = { name: 'motor', address: 'coil:41', ...guarded(WHEN) }

  test('what opened since the last round is seen: the tags of the condition are read right before the write', async () => {
    await using stage = openStage(slow([MOTOR]))
    await stage.until(() => stage.count('motor') > 0)
    expect(await stage.host.write('motor', true)).toMatchObject(refused('is false: guard-closed is false, speed is 40'))
    await using other = openStage(slow([MOTOR]))
    await other.until(() => other.count('motor') > 0)
    expect(await other.host.write('guard-closed', true)).toEqual({ ok: true })
    expect(await stage.host.write('motor', true)).toMatchObject(refused('guard-closed is true, speed is 40'))
    expect(await other.host.write('speed', 4)).toEqual({ ok: true })
    expect(await stage.host.write('motor', true)).toEqual({ ok: true })
    expect(await other.host.write('guard-closed', false)).toEqual({ ok: true })
    expect(await stage.host.write('motor', false)).toMatchObject(refused('guard-closed is false, speed is 4'))
    // Nothing of this is from a round: there was one, at the beginning.
    expect(stage.count('guard-closed')).toBe(1)
  })

  test(
    'of two writes at once the second is judged by what the first has done',
    strict('a write that a race lets through is a finding'),
    async () => {
      await using stage = openStage(slow([MOTOR]))
      await stage.until(() => stage.count('motor') > 0 && stage.count('guard-closed') > 0)
      for (let round = 0; round < 20; round += 1) {
        expect(await stage.host.write('guard-closed', true)).toEqual({ ok: true })
        const both = await Promise.all([stage.host.write('guard-closed', false), stage.host.write('motor', true)])
        expect(both).toMatchObject([{ ok: true }, refused('guard-closed is false')])
      }
    },
  )

  test(
    'a refusal takes nothing of the pace, so that what waits for the condition may act when it comes',
    deep('the pace is a matter of the write tests in core'),
    async () => {
      const lamp = { name: 'lamp', address: 'coil:42', ...guarded('tags["guard-closed"]', { perMinute: 1 }) }
      await using stage = openStage(slow([lamp]))
      await stage.until(() => stage.count('lamp') > 0)
      expect(await stage.host.write('guard-closed', false)).toEqual({ ok: true })
      for (let tries = 0; tries < 3; tries += 1)
        expect(await stage.host.write('lamp', true)).toMatchObject(refused('guard-closed is false'))
      expect(await stage.host.write('guard-closed', true)).toEqual({ ok: true })
      expect(await stage.host.write('lamp', true)).toEqual({ ok: true })
      expect(await stage.host.write('lamp', true)).toMatchObject({ ok: false, code: 'tag_rate' })
    },
  )

  test('what cannot be read, and what cannot be judged, lets nothing through', async () => {
    const tags = [
      { name: 'nowhere', address: 'holding:10001' },
      { name: 'label', address: 'holding:400', type: 'string', length: 4 },
      { name: 'blind', address: 'coil:43', ...guarded('tags["speed"] < 50 || tags["nowhere"] < 5') },
      { name: 'mistaken', address: 'coil:44', ...guarded('tags["label"] > 5') },
    ]
    await using stage = openStage(slow(tags))
    await stage.until(() => stage.count('label') > 0)
    expect(await stage.host.write('blind', true)).toMatchObject(refused('nowhere is bad (the equipment'))
    expect(await stage.host.write('mistaken', true)).toMatchObject(refused('failed with label is'))
  })

  test('equipment that does not answer, or is gone, is not written to, and nobody says that it may have been', async () => {
    const horn = { name: 'horn', address: 'coil:45', ...guarded('tags["speed"] < 50') }
    await using stage = openStage(slow([horn]))
    await stage.until(() => stage.count('horn') > 0)
    peer.freeze()
    expect(await stage.host.write('horn', true)).toMatchObject(refused('did not answer'))
    peer.thaw()
    await using besides = openStage(slow([horn]))
    await besides.until(() => besides.newest('horn')?.quality === 'good')
    expect(besides.newest('horn')).toMatchObject({ value: false })
    await peer.kill()
    expect(await stage.host.write('horn', true)).toMatchObject({
      ok: false,
      code: expect.stringMatching(/^(tag_interlocked|write_refused)$/),
    })
    await peer.start()
    await using after = openStage(slow([horn], 20))
    await after.until(() => after.newest('horn')?.quality === 'good')
    expect(await after.host.write('horn', true)).toEqual({ ok: true })
  })

  test('a source says what is wrong with its conditions before it is run', async () => {
    const { problems } = await planSource(slow([{ name: 'a', address: 'coil:1', ...guarded('tags["b"]') }, MOTOR]))
    expect(problems).toEqual([{ tag: 'a', message: expect.stringContaining('the source has no tag b') }])
  })
})

describe.skipIf(!hasMosquitto)('mqtt', () => {
  let broker: Mosquitto
  beforeAll(async () => {
    broker = await startMosquitto()
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  const sourceOf = (topic: string, more: object = {}) =>
    MqttSource.parse({
      name: 'press',
      protocol: 'mqtt',
      connection: { host: '127.0.0.1', port: broker.port },
      groups: [
        {
          name: 'all',
          everyMs: 1_000,
          tags: [
            { name: 'closed', topic: `${topic}/closed`, path: 'is', ...more },
            {
              name: 'motor',
              topic: `${topic}/motor`,
              command: { topic: `${topic}/set` },
              write: { verify: false, interlock: { when: 'tags["closed"]', ageMaxSeconds: 3_600 } },
            },
          ],
        },
      ],
    })

  test('equipment that speaks by itself is judged by what it said last, where it said it lately', async () => {
    await using stage = openStage(sourceOf('lately', { time: { path: 'at', unit: 'ms' } }))
    const heard: string[] = []
    await broker.listen('lately/set', (line) => heard.push(line))
    await stage.until(() => stage.count('motor') > 0)
    expect(await stage.host.write('motor', 1)).toMatchObject(refused('closed is bad (no message on lately/closed'))
    const say = async (is: boolean, agoMs: number) => {
      const told = stage.count('closed')
      await broker.publish('lately/closed', JSON.stringify({ is, at: Date.now() - agoMs }))
      await stage.until(() => stage.count('closed') > told)
    }
    await say(true, 7_200_000)
    expect(await stage.host.write('motor', 1)).toMatchObject(refused('and may be 3600 s'))
    await say(true, 0)
    expect(await stage.host.write('motor', 2)).toEqual({ ok: true })
    await say(false, 0)
    expect(await stage.host.write('motor', 3)).toMatchObject(refused('is false: closed is false'))
    await stage.until(() => heard.length > 0)
    expect(heard).toEqual(['2'])
  })

  test('what a broker had kept lets nothing through, unless it says itself when it was so', async () => {
    await broker.publish('kept/closed', JSON.stringify({ is: true, at: Date.now() }), '--retain')
    await broker.listen('kept/set', () => undefined)
    await using undated = openStage(sourceOf('kept'))
    await undated.until(() => undated.newest('closed')?.quality === 'good')
    expect(await undated.host.write('motor', 1)).toMatchObject(refused('the broker may have kept the message'))
    await using dated = openStage(sourceOf('kept', { time: { path: 'at', unit: 'ms' } }))
    await dated.until(() => dated.newest('closed')?.quality === 'good')
    expect(await dated.host.write('motor', 1)).toEqual({ ok: true })
    const told = undated.count('closed')
    await broker.publish('kept/closed', '{"is":true}')
    await undated.until(() => undated.count('closed') > told)
    expect(await undated.host.write('motor', 1)).toEqual({ ok: true })
  })
})
