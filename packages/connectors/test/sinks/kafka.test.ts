/**
 * Kafka against librdkafka: its mock cluster stores the records, and kcat reads them. OpenSSL's socat ends TLS, and
 * python3-scramp provides SASL.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '@skerry/testkit/free-port'
import { hasKafka, type KafkaPeer, startKafka } from '@skerry/testkit/peers/kafka-peer'
import { startProgram } from '@skerry/testkit/program'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { batchOf, openSession, STREAM, sample, sendTo } from '../sinks-stage/sink-session.ts'
import { openSinkStage } from '../sinks-stage/sink-stage.ts'
import { makeCertificates } from '../stage/certificates.ts'

const hasScramp = spawnSync('/usr/bin/python3', ['-c', 'import scramp'], { stdio: 'ignore' }).status === 0

const draftOf = (port: number, topic: string, more: object = {}) => ({
  protocol: 'kafka',
  connection: { brokers: [`127.0.0.1:${port}`], topic, timeoutMs: 1_000, ...more },
})

/** The test's own folder, until its end. */
async function ownBroker(...topics: string[]): Promise<KafkaPeer> {
  const broker = await startKafka(topics)
  onTestFinished(() => broker[Symbol.asyncDispose]())
  return broker
}

describe.skipIf(!hasKafka)('kafka', () => {
  let broker: KafkaPeer
  beforeAll(async () => {
    const packed = ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((compression) => `packed-${compression}:1`)
    broker = await startKafka(['split:8', 'plant.press-7.speed:1', 'denied:1:29', ...packed])
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('a record has the id of its value, the time of its event, and its signal as key, which keeps the order', async () => {
    const session = await openSession(draftOf(broker.port, 'split'))
    const values = Array.from({ length: 64 }, (_, at) => sample(at, { signal: `press-${at % 8}/speed` }))
    expect(await sendTo(session, batchOf(values))).toEqual({ ok: true })
    const records = await broker.records('split')
    expect(records).toHaveLength(64)
    const own = records.filter(({ key }) => key === 'press-3/speed')
    expect(own.map(({ headers }) => headers)).toEqual(
      [4, 12, 20, 28, 36, 44, 52, 60].map((number) => `id=${STREAM}.normal.${number}`),
    )
    expect(own[0]).toMatchObject({ timestampMs: 1_700_000_000_003 })
    expect(JSON.parse(own[0]?.value ?? '')).toEqual({
      id: `${STREAM}.normal.4`,
      time: '2023-11-14T22:13:20.003Z',
      signal: 'press-3/speed',
      quality: 'good',
      value: 3,
    })
    expect(new Set(own.map(({ partition }) => partition)).size).toBe(1)
    expect(new Set(records.map(({ partition }) => partition)).size).toBeGreaterThan(2)
  })

  test('a topic is made from the origin of a value, with a dot for each slash of a signal', async () => {
    const session = await openSession(draftOf(broker.port, 'plant.{signal}', { key: '{source}:{flow}' }))
    await sendTo(session, batchOf([sample(1, { source: 'press-7' })]))
    expect(await broker.records('plant.press-7.speed')).toMatchObject([{ key: 'press-7:-' }])
  })

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'a value packed by %s is unpacked unchanged',
    async (compression) => {
      const session = await openSession(draftOf(broker.port, `packed-${compression}`, { compression }))
      const values = Array.from({ length: 500 }, (_, at) => sample(at))
      expect(await sendTo(session, batchOf(values))).toEqual({ ok: true })
      const records = await broker.records(`packed-${compression}`)
      expect(records.map(({ value }) => JSON.parse(value).value)).toEqual(values.map((_, at) => at))
    },
  )

  test('a topic that is missing or not permitted is reported before anything is sent', async () => {
    await expect(openSession(draftOf(broker.port, 'denied'))).rejects.toMatchObject({ code: 'sink_denied' })
    await expect(openSession(draftOf(broker.port, 'none'))).rejects.toMatchObject({
      code: 'sink_unfit',
      message: expect.stringMatching(/no topic none.*create: true/),
    })
    const session = await openSession(draftOf(broker.port, '{signal}'))
    await expect(sendTo(session, batchOf([sample(1)]))).rejects.toMatchObject({ code: 'sink_unfit' })
    const made = await openSession(draftOf(broker.port, 'made', { create: true }))
    expect(await sendTo(made, batchOf([sample(1)]))).toEqual({ ok: true })
  })

  const REFUSALS: [words: string, code: number, refusal: string][] = [
    ['too large', 10, 'batch_too_large'],
    ['too old', 32, 'value_refused'],
    ['no record', 87, 'value_refused'],
  ]
  test.each(REFUSALS)('%s: rejected finally', async (_, code, refusal) => {
    const own = await ownBroker('values:1', `!${code}`)
    const session = await openSession(draftOf(own.port, 'values', { idempotent: false }))
    expect(await sendTo(session, batchOf([sample(1)]))).toMatchObject({ ok: false, code: refusal })
    expect(await sendTo(session, batchOf([sample(1)]))).toEqual({ ok: true })
  })

  test('too few replicas in sync is tried again later', async () => {
    const own = await ownBroker('values:1', '!19', '!19', '!19')
    const session = await openSession(draftOf(own.port, 'values'))
    await expect(sendTo(session, batchOf([sample(1)]))).rejects.toMatchObject({ code: 'sink_busy' })
    expect(await sendTo(session, batchOf([sample(1)]))).toEqual({ ok: true })
  })

  test(
    'a record that a broker stored without an answer is sent again with the same id',
    deep('the conformance of sinks shows a silent broker'),
    async () => {
      const own = await ownBroker('values:1', '~4000')
      await using stage = openSinkStage(draftOf(own.port, 'values'))
      await stage.offer(1)
      await stage.until(() => stage.host.state().kind === 'down')
      expect(stage.host.state()).toMatchObject({ cause: { code: 'sink_silent' } })
      await stage.until(() => stage.host.state().kind === 'up')
      await stage.until(async () => (await own.records('values')).length > 1)
      const ids = (await own.records('values')).map(({ headers }) => headers)
      expect(ids).toHaveLength(2)
      expect(ids[1]).toBe(ids[0])
    },
  )

  test(
    'a killed broker loses only records that it had confirmed',
    deep('the conformance of sinks shows an outage'),
    async () => {
      const own = await ownBroker('values:1')
      await using stage = openSinkStage(draftOf(own.port, 'values'))
      await stage.until(() => stage.host.state().kind === 'up')
      const offering = Promise.all(Array.from({ length: 20 }, () => stage.offer(50)))
      await stage.until(async () => (await own.records('values')).length > 0)
      await own.kill()
      await offering
      await own.start()
      await stage.offer(10)
      const stored = async () => (await own.records('values')).map(({ value }) => Number(JSON.parse(value).value))
      // The figure of waiting values may be older than the last offer.
      await stage.until(async () => (await stored()).includes(1_009))
      await stage.until(() => stage.host.figures().forward?.waiting === 0)
      const numbers = await stored()
      const [first = -1] = numbers
      expect(first).toBeGreaterThan(0)
      expect([...new Set(numbers)]).toEqual(Array.from({ length: 1_010 - first }, (_, at) => first + at))
      expect(stage.host.figures()).toMatchObject({ crashes: 0, unstored: 0, losses: [] })
    },
  )

  test(
    'over TLS with certificates on both sides, an untrusted broker gets nothing',
    deep('TLS of sinks is shown by PostgreSQL and NATS'),
    async () => {
      const { folder, ca, client } = makeCertificates()
      const port = await freePort()
      const own = await startKafka(['values:1'], port)
      onTestFinished(() => own[Symbol.asyncDispose]())
      const listen = `OPENSSL-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork,verify=1`
      const files = `cert=${folder}/server.crt,key=${folder}/server.key,cafile=${folder}/ca.crt`
      const front = await startProgram('socat', ['-dd', `${listen},${files}`, `TCP:127.0.0.1:${own.port}`], {
        ready: /listening on/,
      })
      onTestFinished(() => front.kill())
      const us = { certificate: client.certificate, key: { secret: 'key' } }
      const open = (tls: object) =>
        openSession(draftOf(port, 'values', { tls, timeoutMs: 10_000 }), { key: client.key })
      const session = await open({ ca, ...us, serverName: 'localhost' })
      expect(await sendTo(session, batchOf([sample(1)]))).toEqual({ ok: true })
      const ours = [`ssl.ca.location=${folder}/ca.crt`, `ssl.certificate.location=${folder}/client.crt`]
      const settings = ['security.protocol=SSL', ...ours, `ssl.key.location=${folder}/client.key`]
      const theirs = [...settings, 'ssl.endpoint.identification.algorithm=none']
      expect(await own.records('values', theirs)).toHaveLength(1)
      await expect(open({ ...us, serverName: 'localhost' })).rejects.toMatchObject({ code: 'sink_denied' })
      await expect(open({ ca, ...us })).rejects.toMatchObject({ code: 'sink_denied' })
      await expect(open({ ca, serverName: 'localhost' })).rejects.toMatchObject({ name: 'SinkTrouble' })
    },
  )

  const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512']
  describe.skipIf(!hasScramp).each(MECHANISMS)('by %s', (mechanism) => {
    const isQuick = mechanism === 'scram-sha-256'
    const tier = isQuick ? {} : deep('a second mechanism; SCRAM with SHA-256 is quick')
    test('signs in with the right password only', tier, () => letIn(mechanism))
  })

  async function letIn(mechanism: string): Promise<void> {
    const port = await freePort()
    const own = await startKafka(['values:1'], port)
    onTestFinished(() => own[Symbol.asyncDispose]())
    const script = fileURLToPath(import.meta.resolve('../../../testkit/peers/kafka-sasl.py'))
    const front = await startProgram('/usr/bin/python3', [script, String(port), String(own.port), 'edge', 'right'])
    onTestFinished(() => front.kill())
    const sasl = { mechanism, user: 'edge', password: { secret: 'word' } }
    const open = (word: string) => openSession(draftOf(port, 'values', { sasl, timeoutMs: 10_000 }), { word })
    expect(await sendTo(await open('right'), batchOf([sample(1)]))).toEqual({ ok: true })
    await expect(open('wrong')).rejects.toMatchObject({ code: 'sink_denied' })
    await expect(openSession(draftOf(port, 'values', { sasl }))).rejects.toMatchObject({ code: 'sink_unfit' })
    // The broker does not announce SASL. Without that, kcat would not use it.
    await front.kill()
    const listen = `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork`
    const way = await startProgram('socat', ['-dd', listen, `TCP:127.0.0.1:${own.port}`], { ready: /listening on/ })
    onTestFinished(() => way.kill())
    expect(await own.records('values')).toHaveLength(1)
  }
})
