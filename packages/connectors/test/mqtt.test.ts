/** MQTT against mosquitto: formats, times, commands and their echo, and a broker that dies, freezes, refuses and is not trusted. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MqttSource } from '@skerry/contract/sources/source'
import { hasMosquitto, type Mosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { planMqtt } from '../src/mqtt/address.ts'
import { makeCertificates } from './stage/certificates.ts'
import { openStage } from './stage/stage.ts'

const sourceOf = (port: number, tags: object[], connection: object = {}) =>
  MqttSource.parse({
    name: 'line-3',
    protocol: 'mqtt',
    connection: { host: 'localhost', port, keepaliveSeconds: 1, timeoutMs: 1_000, ...connection },
    groups: [{ name: 'all', everyMs: 1_000, tags }],
  })

describe.skipIf(!hasMosquitto)('mqtt', () => {
  let broker: Mosquitto
  beforeAll(async () => {
    broker = await startMosquitto()
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  const KINDS: [name: string, tag: object, message: string, expected: object][] = [
    ['a value as JSON', {}, '21.5', { quality: 'good', value: 21.5 }],
    ['a part of JSON', { path: 'motor.speed[1]' }, '{"motor":{"speed":[1,2]}}', { quality: 'good', value: 2 }],
    ['a scaled one', { path: 'v', scale: 0.1 }, '{"v":215}', { quality: 'good', value: 21.5 }],
    ['a word', { path: 'mode' }, '{"mode":"auto"}', { value: 'auto' }],
    ['a list', { path: 'v' }, '{"v":[1,2.5]}', { value: [1, 2.5] }],
    ['a number as text', { format: 'number' }, ' 21.50', { value: 21.5 }],
    ['text', { format: 'text' }, 'läuft', { value: 'läuft' }],
    ['bytes', { format: 'bytes' }, 'AB', { value: [65, 66] }],
    [
      'the time of the equipment',
      { path: 'v', time: { path: 't', unit: 's' } },
      '{"v":1,"t":1795000000.5}',
      { value: 1, sourceTimeMs: 1_795_000_000_500 },
    ],
    ['no number', { format: 'number' }, '21,5', { quality: 'bad', cause: { code: 'value_type' } }],
    ['no JSON', {}, '{"v":', { quality: 'bad', cause: { code: 'value_type' } }],
    ['an object', {}, '{"v":1}', { quality: 'bad', cause: { code: 'value_type' } }],
    ['a digit too many', {}, '9007199254740993', { quality: 'uncertain', cause: { code: 'value_inexact' } }],
  ]

  describe.each(['3.1.1', 5])('version %s', (version) => {
    const tier = version === 5 ? {} : deep('another version of the protocol; version 5 is quick')
    test('reads what machines send', tier, async () => {
      const topicOf = (name: string) => `kinds/${name}`
      const retained = KINDS.map(([name, , message]) => broker.publish(topicOf(name), message, '-r'))
      await Promise.all(retained)
      const tags = KINDS.map(([name, tag], at) => ({ name: `t${at}`, topic: topicOf(name), ...tag }))
      await using stage = openStage(sourceOf(broker.port, tags, { version }))
      await stage.until(() => tags.every(({ name }) => stage.count(name) > 0))
      for (const [at, [name, , , expected]] of KINDS.entries())
        expect(stage.newest(`t${at}`), name).toMatchObject(expected)
    })
  })

  test('tells each message, and what nobody has said is bad until somebody does', async () => {
    const tags = [
      { name: 'speed', topic: 'told/a', path: 'speed' },
      { name: 'load', topic: 'told/a', path: 'load' },
    ]
    await using stage = openStage(sourceOf(broker.port, tags))
    await stage.until(() => stage.count('load') > 0)
    expect(stage.newest('load')).toMatchObject({ quality: 'bad', cause: { code: 'value_missing' } })
    const machine = broker.publisher('told/a', '-q', '1')
    for (let at = 1; at <= 200; at += 1) machine.say(`{"speed":${at}}`)
    machine.say('{"load":7}')
    await stage.until(() => stage.newest('load')?.quality === 'good')
    expect(stage.newest('speed')).toMatchObject({ quality: 'good', value: 200 })
    expect(stage.count('speed')).toBe(201)
    expect(stage.host.figures().lost).toBe(0)
  })

  test('a few filters may stand for many tags', deep('a saving of subscriptions that changes no value'), async () => {
    const tags = [
      { name: 'one', topic: 'wild/1/temp' },
      { name: 'two', topic: 'wild/2/temp' },
    ]
    const source = sourceOf(broker.port, tags, { subscribe: ['wild/+/temp'] })
    await using stage = openStage(source)
    await stage.until(() => stage.count('two') > 0)
    await broker.publish('wild/2/temp', '5')
    await broker.publish('wild/3/temp', '6')
    await stage.until(() => stage.newest('two')?.quality === 'good')
    expect(stage.newest('one')).toMatchObject({ quality: 'bad' })
    expect(planMqtt(sourceOf(1, tags, { subscribe: ['wild/1/+'] })).problems).toEqual([
      { tag: 'two', message: 'wild/2/temp matches none of the subscribed filters' },
    ])
  })

  test(
    'silence that lasts too long makes a value bad',
    deep('the webhook shows the same in the quick tier'),
    async () => {
      await broker.publish('stale/a', '1', '-r')
      await using stage = openStage(sourceOf(broker.port, [{ name: 'tag', topic: 'stale/a', staleAfterMs: 1_000 }]))
      await stage.until(() => stage.count('tag') === 2)
      expect(stage.newest('tag')).toMatchObject({ quality: 'bad', cause: { code: 'value_stale' } })
      await broker.publish('stale/a', '2')
      await stage.until(() => stage.newest('tag')?.quality === 'good')
    },
  )

  test('a command is done when the equipment says so, and nobody is told that it is where nobody said so', async () => {
    const tags = [
      {
        name: 'setpoint',
        topic: 'cmd/state',
        path: 'sp',
        scale: 0.1,
        write: {},
        command: { topic: 'cmd/set', payload: '{"sp":{{value}}}' },
      },
      { name: 'deaf', topic: 'cmd/other', write: {}, command: { topic: 'cmd/nobody' } },
      { name: 'blind', topic: 'cmd/blind', write: { verify: false }, command: { topic: 'cmd/set' } },
      { name: 'mute', topic: 'cmd/mute', write: {}, command: { topic: 'cmd/set' } },
      { name: 'mode', topic: 'cmd/mode', format: 'text', write: {}, command: { topic: 'cmd/mode' } },
    ]
    await using stage = openStage(sourceOf(broker.port, tags))
    const machine = broker.publisher('cmd/state')
    const heard: string[] = []
    await broker.listen('cmd/set', (line) => {
      heard.push(line)
      machine.say(line)
    })
    await stage.until(() => stage.count('mode') > 0)
    expect(await stage.host.write('setpoint', 21.5)).toEqual({ ok: true })
    expect(heard).toEqual(['{"sp":215}'])
    expect(await stage.host.write('deaf', 1)).toMatchObject({ ok: false, code: 'write_refused' })
    expect(await stage.host.write('blind', true)).toEqual({ ok: true })
    expect(await stage.host.write('mute', 1)).toMatchObject({ ok: false, code: 'write_unverified' })
    expect(await stage.host.write('mode', 'auto')).toEqual({ ok: true })
    expect(await stage.host.write('mode', 5)).toMatchObject({ ok: false, code: 'tag_type' })
  })

  test('shows which topics there are, level by level', async () => {
    await broker.publish('tree/hall-1/press/temp', '1', '-r')
    await broker.publish('tree/hall-1', '1', '-r')
    await using stage = openStage(sourceOf(broker.port, [{ name: 'tag', topic: 'tree/hall-1' }]))
    await stage.until(() => stage.count('tag') > 0)
    expect(await stage.host.browse('tree')).toEqual({
      ok: true,
      entries: [{ path: 'tree/hall-1', label: 'hall-1', isFolder: true, tag: { topic: 'tree/hall-1' } }],
    })
    expect(await stage.host.browse('tree/hall-1')).toMatchObject({ entries: [{ path: 'tree/hall-1/press' }] })
  })

  test('while the broker is gone every tag is bad, told once; it is back soon after it is there again', async () => {
    await using own = await startMosquitto()
    await using stage = openStage(sourceOf(own.port, [{ name: 'tag', topic: 'a' }]))
    await stage.until(() => stage.count('tag') > 0)
    await own.publish('a', '1')
    await stage.until(() => stage.newest('tag')?.quality === 'good')
    await own.kill()
    await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length > 2)
    expect(stage.newest('tag')).toMatchObject({ cause: { code: expect.stringMatching(/^source_(lost|unreachable)$/) } })
    expect(stage.count('tag')).toBe(3)
    await own.start()
    await stage.until(() => stage.newest('tag')?.quality === 'bad' && stage.host.state().kind === 'up')
    await own.publish('a', '2', '-r')
    await stage.until(() => stage.newest('tag')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })

  test(
    'a broker that answers nothing is given up',
    deep('a second fault; the broker that is gone shows the return'),
    async () => {
      await using own = await startMosquitto()
      await using stage = openStage(
        sourceOf(own.port, [{ name: 'tag', topic: 'a', write: {}, command: { topic: 'b' } }]),
      )
      await own.publish('a', '1', '-r')
      await stage.until(() => stage.newest('tag')?.quality === 'good')
      own.freeze()
      await stage.until(() => stage.newest('tag')?.quality === 'bad')
      expect(stage.newest('tag')).toMatchObject({ cause: { code: 'source_silent' } })
      own.thaw()
      await stage.until(() => stage.newest('tag')?.quality === 'good')
    },
  )

  test(
    'what a persistent session was sent while it was away is told afterwards, in order',
    deep('an option; a file shows that nothing is lost meanwhile'),
    async () => {
      const connection = { session: 'persistent', clientId: 'line-3' }
      const source = sourceOf(broker.port, [{ name: 'tag', topic: 'kept/a' }], connection)
      await using before = openStage(source)
      await before.until(() => before.count('tag') > 0)
      await before[Symbol.asyncDispose]()
      const machine = broker.publisher('kept/a', '-q', '1')
      for (let at = 1; at <= 100; at += 1) machine.say(String(at))
      await broker.publish('kept/a', '101', '-r')
      await using after = openStage(source)
      const isAll = () => after.newest('tag')?.quality === 'good' && after.count('tag') > 100
      await after.until(isAll)
      expect(after.host.figures().lost).toBe(0)
    },
  )

  test('who is not let in is told why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skerry-passwd-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    execFileSync('mosquitto_passwd', ['-b', '-c', join(folder, 'users'), 'press', 'right'])
    const users = readFileSync(join(folder, 'users'), 'utf8')
    const acl = 'user press\ntopic read mine/#\n'
    const config = ['allow_anonymous false', 'password_file $FOLDER/users', 'acl_file $FOLDER/acl']
    const clientArguments = ['-u', 'press', '-P', 'right']
    await using own = await startMosquitto({ config, files: { users, acl }, clientArguments })
    for (const version of ['3.1.1', 5]) {
      const source = sourceOf(own.port, [{ name: 'tag', topic: 'mine/a', write: {}, command: { topic: 'theirs/a' } }], {
        version,
        user: 'press',
        password: { secret: 'broker' },
      })
      await using wrong = openStage(source, { secrets: { broker: 'wrong' } })
      await wrong.until(() => wrong.newest('tag') !== undefined)
      expect(wrong.newest('tag')).toMatchObject({
        cause: { code: 'source_refused', message: expect.stringMatching(/Not authorized/) },
      })
      await using right = openStage(source, { secrets: { broker: 'right' } })
      await right.until(() => right.newest('tag')?.quality === 'bad')
      expect(right.newest('tag')).toMatchObject({ cause: { code: 'value_missing' } })
      const outcome = await right.host.write('tag', 1)
      // Version 3.1.1 has no word for a refusal: that nothing came back is all that is known.
      expect(outcome).toMatchObject({ ok: false, code: version === 5 ? 'write_refused' : 'write_unverified' })
    }
  })

  test('a broker with TLS must be trusted, and may ask for a certificate', async () => {
    const { ca, server, client } = makeCertificates()
    const config = [
      'allow_anonymous true',
      'cafile $FOLDER/ca',
      'certfile $FOLDER/crt',
      'keyfile $FOLDER/key',
      'require_certificate true',
    ]
    await using own = await startMosquitto({ config, files: { ca, crt: server.certificate, key: server.key } })
    const tellOf = async (tls: object) => {
      const source = sourceOf(own.port, [{ name: 'tag', topic: 'a' }], { tls })
      await using stage = openStage(source, { secrets: { key: client.key } })
      await stage.until(() => stage.newest('tag') !== undefined)
      return stage.newest('tag')
    }
    const us = { certificate: client.certificate, key: { secret: 'key' } }
    expect(await tellOf({ ca, ...us })).toMatchObject({ cause: { code: 'value_missing' } })
    expect(await tellOf(us)).toMatchObject({ cause: { code: 'source_refused' } })
    expect(await tellOf({ ca, ...us, serverName: 'other' })).toMatchObject({ cause: { code: 'source_refused' } })
    expect(await tellOf({ ca })).toMatchObject({ cause: { code: expect.stringMatching(/^source_/) } })
    // Its listener speaks TLS, and hears none.
    expect(await tellOf({})).toMatchObject({ cause: { code: 'source_refused' } })
  })
})
