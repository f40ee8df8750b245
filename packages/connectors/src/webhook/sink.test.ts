/** Webhook sink, against a server of Node: token, signature, ids, and each kind of answer. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { WebhookSink } from '@skerry/contract/sinks/sink'
import type { SinkBatch } from '@skerry/contract/sinks/sink-value'
import { systemClock } from '@skerry/platform/process/clock'
import { freePort } from '@skerry/testkit/free-port'
import { expect, onTestFinished, test } from 'vitest'
import { openSink } from '../sinks/sinks.ts'

const deps = {
  clock: systemClock,
  random: Math.random,
  folder: '.',
  secrets: { hook: 'a good secret' },
}

const batch: SinkBatch = {
  stream: '00112233445566aa',
  lane: 'normal',
  first: 41,
  values: [
    { signal: 'press-7/speed', source: 'press-7', tag: 'speed', quality: 'good', value: 2.5, eventTimeMs: 1_000 },
    { signal: 'press-7/torque', quality: 'bad', cause: 'source_lost', eventTimeMs: 2_000 },
  ],
}

type Asked = { headers: IncomingHttpHeaders; body: string }

async function startReceiver(answer: (response: ServerResponse) => void) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    asked.push({ headers: request.headers, body })
    answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  const address = server.address()
  return { asked, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/values` }
}

async function sendOnce(connection: object) {
  const sink = WebhookSink.parse({ name: 'hook', protocol: 'webhook', connection })
  const { signal } = new AbortController()
  await using session = await openSink(sink, deps, signal)
  return session.send(batch, signal)
}

test('a batch has a line for each value, with ids, a key for the batch, and a signature that the receiver can check', async () => {
  const { asked, url } = await startReceiver((response) => response.writeHead(204).end())
  const secret = { secret: 'hook' }
  expect(await sendOnce({ url, bearer: secret, signature: secret, headers: { 'x-plant': 'north' } })).toEqual({
    ok: true,
  })
  const [{ headers, body } = { headers: {}, body: '' }] = asked
  expect(
    body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    {
      id: '00112233445566aa.normal.41',
      time: '1970-01-01T00:00:01.000Z',
      signal: 'press-7/speed',
      source: 'press-7',
      tag: 'speed',
      quality: 'good',
      value: 2.5,
    },
    {
      id: '00112233445566aa.normal.42',
      time: '1970-01-01T00:00:02.000Z',
      signal: 'press-7/torque',
      quality: 'bad',
      cause: 'source_lost',
    },
  ])
  expect(headers).toMatchObject({
    authorization: 'Bearer a good secret',
    'x-plant': 'north',
    'idempotency-key': '"00112233445566aa.normal.41+2"',
    'x-skerry-signature': `sha256=${createHmac('sha256', 'a good secret').update(body).digest('hex')}`,
  })
})

test.each([
  [400, 'value_refused'],
  [422, 'value_refused'],
  [413, 'batch_too_large'],
])('status %i is a final rejection', async (status, code) => {
  const { url } = await startReceiver((response) => response.writeHead(status).end('no such signal'))
  expect(await sendOnce({ url })).toEqual({ ok: false, code, message: `HTTP ${status}: no such signal` })
})

test.each([
  [401, 'sink_denied', undefined],
  [403, 'sink_denied', undefined],
  [404, 'sink_unfit', undefined],
  [302, 'sink_unfit', undefined],
  [500, 'sink_busy', 7_000],
  [429, 'sink_busy', 7_000],
])('status %i is tried again', async (status, code, retryAfterMs) => {
  const { url } = await startReceiver((response) => response.writeHead(status, { 'retry-after': '7' }).end())
  await expect(sendOnce({ url })).rejects.toMatchObject({ code, retryAfterMs })
})

test('a receiver that is unreachable, silent, or hangs up is reported as such', async () => {
  const silent = await startReceiver(() => undefined)
  await expect(sendOnce({ url: silent.url, timeoutMs: 100 })).rejects.toMatchObject({ code: 'sink_silent' })
  const cut = await startReceiver((response) => void response.destroy())
  await expect(sendOnce({ url: cut.url })).rejects.toMatchObject({ code: 'sink_lost' })
  await expect(sendOnce({ url: `http://127.0.0.1:${await freePort()}/` })).rejects.toMatchObject({
    code: 'sink_unreachable',
  })
})

test('a secret that the device does not have is named', async () => {
  await expect(sendOnce({ url: 'http://127.0.0.1:9/', bearer: { secret: 'other' } })).rejects.toMatchObject({
    code: 'sink_unfit',
    message: expect.stringContaining('other'),
  })
})
