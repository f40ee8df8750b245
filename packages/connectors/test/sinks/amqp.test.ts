/**
 * AMQP against RabbitMQ, read by pika: the content of a message, messages without a queue, a full or blocked broker,
 * and TLS.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasRabbit, type RabbitPeer, startRabbit } from '@skerry/testkit/peers/rabbit-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { batchOf, openSession, STREAM, sample, sendTo } from '../sinks-stage/sink-session.ts'
import { openSinkStage } from '../sinks-stage/sink-stage.ts'
import { makeCertificates } from '../stage/certificates.ts'

describe.skipIf(!hasRabbit)('amqp', () => {
  let broker: RabbitPeer
  let folder: string
  let made: ReturnType<typeof makeCertificates>
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'skerry-amqp-'))
    made = makeCertificates(folder)
    broker = await startRabbit({ ca: made.ca, ...made.server })
  })
  afterAll(async () => {
    await broker?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  const draftOf = (more: object = {}) => ({
    protocol: 'amqp',
    connection: {
      host: '127.0.0.1',
      port: broker.port,
      user: broker.user,
      password: { secret: 'password' },
      timeoutMs: 10_000,
      ...more,
    },
  })
  const open = (more: object = {}) => openSession(draftOf(more), { password: broker.password, key: made.client.key })

  test('a message is persistent, and has the id of its value, the time of its event and a routing key made from its origin', async () => {
    await broker.bind('amq.topic', 'speeds', '*.speed.press-7')
    const session = await open({ routingKey: '{signal}.{source}' })
    expect(await sendTo(session, batchOf([sample(1, { source: 'press-7' })], 12))).toEqual({ ok: true })
    const [message] = await broker.drain('speeds')
    expect(message).toMatchObject({
      id: `${STREAM}.normal.12`,
      key: 'press-7.speed.press-7',
      isPersistent: true,
      type: 'application/json',
      timestamp: 1_700_000_000,
    })
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ id: `${STREAM}.normal.12`, value: 1 })
  })

  test('over the default exchange, the routing key is the name of a queue', async () => {
    await broker.bind('', 'line-3', '')
    const session = await open({ exchange: '', routingKey: 'line-3' })
    const values = Array.from({ length: 500 }, (_, at) => sample(at))
    expect(await sendTo(session, batchOf(values))).toEqual({ ok: true })
    const messages = await broker.drain('line-3')
    expect(messages.map(({ body }) => JSON.parse(body).value)).toEqual(values.map((_, at) => at))
  })

  test('a message without a bound queue is not delivered, and the error names the binding, unless this is configured', async () => {
    await expect(sendTo(await open({ routingKey: 'nobody' }), batchOf([sample(1)]))).rejects.toMatchObject({
      code: 'sink_unfit',
      message: expect.stringMatching(/no queue receives nobody from the exchange amq\.topic.*bind a queue/),
    })
    const session = await open({ routingKey: 'nobody', mandatory: false })
    expect(await sendTo(session, batchOf([sample(1)]))).toEqual({ ok: true })
  })

  test('a missing exchange or virtual host is reported before anything is sent', async () => {
    await expect(open({ exchange: 'none' })).rejects.toMatchObject({
      code: 'sink_unfit',
      message: expect.stringMatching(/no exchange 'none'/),
    })
    await expect(open({ vhost: 'no/where' })).rejects.toMatchObject({ code: 'sink_denied' })
  })

  test('a routing key that is too long is rejected, and of a batch only the value with that key', async () => {
    const session = await open({ exchange: '', routingKey: `{signal}${'x'.repeat(200)}` })
    const signal = `a${'b'.repeat(100)}`
    const long = sample(1, { signal })
    expect(await sendTo(session, batchOf([sample(0), long]))).toMatchObject({ ok: false, code: 'batch_too_large' })
    expect(await sendTo(session, batchOf([long]))).toMatchObject({ ok: false, code: 'value_refused' })
  })

  test('a full queue is tried again later', async () => {
    await broker.bind('', 'small', '', 2)
    const session = await open({ exchange: '', routingKey: 'small' })
    await expect(sendTo(session, batchOf([sample(1), sample(2), sample(3)]))).rejects.toMatchObject({
      code: 'sink_busy',
    })
  })

  test(
    'a broker without memory is left alone, and gets all values when it has memory again',
    deep('a second kind of outage; the conformance of sinks shows one'),
    async () => {
      await broker.bind('', 'late', '')
      const draft = draftOf({ exchange: '', routingKey: 'late', timeoutMs: 1_000 })
      await using stage = openSinkStage(draft, { password: broker.password })
      await stage.until(() => stage.host.state().kind === 'up')
      await broker.block()
      await stage.offer(100)
      await stage.until(() => stage.host.state().kind === 'down')
      expect(stage.host.state()).toMatchObject({
        cause: { code: 'sink_busy', message: expect.stringMatching(/accepts no messages now \(.*memory/) },
      })
      await broker.unblock()
      const numbers = new Set<number>()
      await stage.until(async () => {
        for (const { body } of await broker.drain('late')) numbers.add(JSON.parse(body).value)
        return numbers.size === 100
      })
      await stage.until(() => stage.host.figures().forward?.waiting === 0)
      expect(stage.host.figures()).toMatchObject({ crashes: 0, losses: [] })
    },
  )

  test('over TLS with certificates on both sides, an untrusted broker gets nothing', async () => {
    await broker.bind('', 'sealed', '')
    const us = { certificate: made.client.certificate, key: { secret: 'key' } }
    const sealed = (tls: object) => open({ port: broker.tlsPort, tls, exchange: '', routingKey: 'sealed' })
    const session = await sealed({ ca: made.ca, ...us, serverName: 'localhost' })
    expect(await sendTo(session, batchOf([sample(1)]))).toEqual({ ok: true })
    expect(await broker.drain('sealed')).toHaveLength(1)
    await expect(sealed({ ...us, serverName: 'localhost' })).rejects.toMatchObject({ code: 'sink_denied' })
    await expect(sealed({ ca: made.ca, ...us })).rejects.toMatchObject({ code: 'sink_denied' })
    await expect(sealed({ ca: made.ca, serverName: 'localhost' })).rejects.toMatchObject({ name: 'SinkTrouble' })
  })
})
