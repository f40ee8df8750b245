/** Tests of sinks, against real destinations: a test writes nothing, unless it sends a marked value. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sink } from '@skerry/contract/sinks/sink'
import { freePort } from '@skerry/testkit/free-port'
import { hasMosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { until } from '@skerry/testkit/until'
import { expect, onTestFinished, test } from 'vitest'
import { testBatch, trySink } from '../../src/sinks/sink-trial.ts'

const WAIT_MS = 30_000
const STREAM = '00112233445566aa'
const NEVER = new AbortController().signal

function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-sink-trial-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

function trial(spec: object, { isSent = false, folder = '.', secrets = {} } = {}) {
  const sink = Sink.parse({ name: 'out', ...spec })
  const batch = isSent ? testBatch(sink.name, STREAM, 1_000) : undefined
  return trySink({ sink, secrets, folder, batch, waitMs: WAIT_MS }, NEVER)
}

test('a file is not made by a test, and a test value goes into a file of its own', async () => {
  const folder = newFolder()
  const spec = { protocol: 'file', connection: { folder: join(folder, 'new/values') } }
  expect(await trial(spec)).toEqual({ reached: 'address' })
  expect(readdirSync(folder)).toEqual([])
  expect(await trial(spec, { isSent: true })).toEqual({ reached: 'value', valueId: `${STREAM}.normal.1` })
  expect(JSON.parse(readFileSync(join(folder, 'new/values/out-test.open.jsonl'), 'utf8'))).toMatchObject({
    id: `${STREAM}.normal.1`,
    signal: 'skerry-test/out',
    quality: 'uncertain',
    cause: 'sink_test',
    value: 1,
  })
  expect(readdirSync(join(folder, 'new/values'))).toEqual(['out-test.open.jsonl'])
})

test('a web address gets no request from a test, and one with a test value; a wrong token is named', async () => {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    bodies.push(body)
    response.writeHead(request.headers.authorization === 'Bearer good' ? 204 : 401).end()
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const spec = { protocol: 'webhook', connection: { url: `http://127.0.0.1:${port}/in`, bearer: { secret: 'hook' } } }
  expect(await trial(spec, { secrets: { hook: 'good' } })).toEqual({ reached: 'address' })
  expect(bodies).toEqual([])
  expect(await trial(spec, { isSent: true, secrets: { hook: 'good' } })).toMatchObject({ reached: 'value' })
  expect(bodies.map((body) => JSON.parse(body))).toMatchObject([{ signal: 'skerry-test/out', cause: 'sink_test' }])
  expect(await trial(spec, { isSent: true, secrets: { hook: 'bad' } })).toMatchObject({
    reached: 'nothing',
    cause: { code: 'sink_denied', message: 'HTTP 401' },
  })
})

test('a destination that is not there, a missing secret and the hub are named', async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  expect(await trial({ protocol: 'webhook', connection: { url } })).toMatchObject({
    reached: 'nothing',
    cause: { code: 'sink_unreachable' },
  })
  const nats = { protocol: 'nats', connection: { host: '127.0.0.1', port, subject: 'a', tls: 'off' } }
  expect(await trial(nats)).toMatchObject({ cause: { code: 'sink_unreachable' } })
  const secret = { ...nats, connection: { ...nats.connection, token: { secret: 'gone' } } }
  expect(await trial(secret)).toMatchObject({ cause: { code: 'sink_unfit', message: expect.stringContaining('gone') } })
  for (const isSent of [false, true])
    expect(await trial({ protocol: 'hub' }, { isSent })).toMatchObject({ cause: { code: 'sink_unfit' } })
})

test.skipIf(!hasMosquitto)(
  'a broker sees no message of a test, and a Sparkplug node for the test alone if a value is sent',
  async () => {
    await using broker = await startMosquitto()
    const heard: string[] = []
    await broker.listen('#', (line) => heard.push(line), '-F', '%t %x')
    const at = { host: '127.0.0.1', port: broker.port }
    const mqtt = { protocol: 'mqtt', connection: { ...at, clientId: 'press' } }
    const sparkplug = { protocol: 'sparkplug', connection: { ...at, group: 'plant', node: 'line-3' } }
    expect(await trial(mqtt)).toEqual({ reached: 'session' })
    expect(await trial(sparkplug)).toEqual({ reached: 'session' })
    expect(await trial(mqtt, { isSent: true })).toMatchObject({ reached: 'value' })
    const folder = newFolder()
    expect(await trial(sparkplug, { isSent: true, folder })).toMatchObject({ reached: 'value' })
    expect(readdirSync(folder)).toEqual([])
    await broker.publish('end', 'x')
    await until(() => heard.some((line) => line.includes('end')), { seen: () => heard })
    // Only those with a value. The node of the test is not the one that runs.
    expect(heard.map((line) => line.split(' ')[0])).toEqual([
      'skerry/skerry-test/out',
      'spBv1.0/plant/NBIRTH/line-3-test',
      'spBv1.0/plant/NBIRTH/line-3-test',
      'spBv1.0/plant/NDATA/line-3-test',
      'spBv1.0/plant/NDEATH/line-3-test',
      'end',
    ])
  },
)
