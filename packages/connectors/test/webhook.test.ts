/** Webhook, told by curl, with openssl's signatures: what is taken, what is refused and how that is said, and who is held off. */
import { execFileSync } from 'node:child_process'
import { connect } from 'node:net'
import { WebhookSource } from '@skerry/contract/sources/source'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeCertificates } from './stage/certificates.ts'
import { hasCurl, type Posted, post } from './stage/curl-poster.ts'
import { openStage, type Stage } from './stage/stage.ts'

const TAGS = [
  { name: 'speed', path: 'motor.speed', scale: 0.1, time: { path: 'at' } },
  { name: 'mode', path: 'mode' },
]

type Receiving = { stage: Stage; url: string; port: number }

/** One that takes documents, until the test is over. */
async function receive(connection: object = {}, secrets: Record<string, string> = {}, tags: object[] = TAGS) {
  const port = await freePort()
  const stage = openStage(
    WebhookSource.parse({
      name: 'mes',
      protocol: 'webhook',
      connection: { port, path: '/values', ...connection },
      groups: [{ name: 'all', everyMs: 1_000, tags }],
    }),
    { secrets },
  )
  onTestFinished(() => stage[Symbol.asyncDispose]())
  const receiving: Receiving = { stage, port, url: `http://127.0.0.1:${port}/values` }
  return receiving
}

/** Until it is there. */
async function posted(url: string, body: object | string, ...more: string[]): Promise<Posted> {
  return until(async () => {
    const answer = await post(url, typeof body === 'string' ? body : JSON.stringify(body), ...more)
    return answer.status !== 0 && answer.status !== 503 && answer
  })
}

/** [RFC 9112, 7.1] It does not say how long it is. */
const CHUNKED = ['-H', 'transfer-encoding: chunked']

const AT = '2026-11-27T03:00:00Z'

/** [openssl-dgst(1)] Of the time stamp, a dot and the body. */
function signed(key: string, body: string, seconds = Math.floor(Date.now() / 1_000)): string[] {
  const input = `${seconds}.${body}`
  const told = execFileSync('openssl', ['dgst', '-sha256', '-hmac', key], { input, encoding: 'utf8' })
  const hex = told.trim().split(' ').at(-1) ?? ''
  return ['-H', `x-skerry-timestamp: ${seconds}`, '-H', `x-skerry-signature: sha256=${hex}`]
}

describe.skipIf(!hasCurl)('webhook', () => {
  test('takes what its tags stand on, with the time of the sender, and counts what nobody knows', async () => {
    const { stage, url } = await receive()
    const answer = await posted(url, { at: AT, motor: { speed: 14_500, sped: 1 }, extra: [1, 2], mode: null })
    expect(answer).toEqual({
      status: 202,
      body: { taken: 1, bad: 0, unknown: 3, unknownFirst: ['motor.sped', 'extra[0]', 'extra[1]'] },
    })
    await stage.until(() => stage.count('speed') > 0)
    expect(stage.newest('speed')).toMatchObject({ quality: 'good', value: 1_450, sourceTimeMs: Date.parse(AT) })
    await stage.until(() => stage.count('mode') > 0)
    expect(stage.newest('mode')).toMatchObject({ quality: 'bad', cause: { code: 'value_missing' } })
  })

  test('it says what the newest document has in it, also where no tag stands on it', async () => {
    const { stage, url } = await receive()
    await stage.until(() => stage.states.some(({ kind }) => kind === 'up'))
    expect(await stage.host.browse('')).toMatchObject({
      code: 'browse_failed',
      message: 'no request with it has arrived yet',
    })
    await posted(url, { oven: { zones: [180, 200] } })
    const top = [{ path: 'oven', label: 'oven', isFolder: true }]
    expect(await stage.host.browse('')).toEqual({ ok: true, entries: top })
    expect(await stage.host.browse('oven.zones')).toMatchObject({ entries: [{}, { tag: { path: 'oven.zones[1]' } }] })
  })

  test('a value that is none is bad, told to both sides; what is for nobody is not taken', async () => {
    const { stage, url } = await receive()
    expect(await posted(url, { motor: { speed: 1 }, mode: {} })).toMatchObject({
      status: 202,
      body: { taken: 0, bad: 2 },
    })
    await stage.until(() => stage.count('mode') > 0 && stage.count('speed') > 0)
    expect(stage.newest('mode')).toMatchObject({ cause: { code: 'value_type' } })
    expect(stage.newest('speed')).toMatchObject({ cause: { code: 'time_unreadable' } })
    expect(await posted(url, { else: 1 })).toMatchObject({
      status: 422,
      body: { code: 'document_unknown', unknown: 1 },
    })
  })

  const REFUSED: [words: string, status: number, code: string, at: string, body: string, more: string[]][] = [
    ['another path', 404, 'path_unknown', '/', '{}', []],
    ['another method', 405, 'method_unknown', '/values', '{}', ['-X', 'PUT']],
    ['another type', 415, 'request_not_json', '/values', '{}', ['-H', 'content-type: text/plain']],
    ['no JSON', 400, 'request_not_json', '/values', '{"a":', []],
    ['too long', 413, 'request_too_large', '/values', `"${'x'.repeat(2_000)}"`, []],
    ['too long, and no word of it', 413, 'request_too_large', '/values', `"${'x'.repeat(100_000)}"`, CHUNKED],
  ]
  test.each(REFUSED)('%s is refused', async (_, status, code, at, body, more) => {
    const { port } = await receive({ bytesMax: 1_024 })
    const answer = await posted(`http://127.0.0.1:${port}${at}`, body, ...more)
    expect(answer).toMatchObject({ status, body: { code, message: expect.any(String) } })
  })

  test('who does not have the bearer is not let in', async () => {
    const { url } = await receive({ bearer: { secret: 'word' } }, { word: 'right' })
    const document = { at: AT, mode: 'auto' }
    expect(await posted(url, document)).toMatchObject({ status: 401, body: { code: 'request_denied' } })
    expect(await posted(url, document, '-H', 'authorization: Bearer wrong')).toMatchObject({ status: 401 })
    expect(await posted(url, document, '-H', 'authorization: Bearer right')).toMatchObject({ status: 202 })
  })

  test('a stranger who fails all the time takes no place of the sender with the bearer', async () => {
    const { url } = await receive({ bearer: { secret: 'word' }, perSecond: 1 }, { word: 'right' })
    const wrong = await Promise.all(
      Array.from({ length: 15 }, () => posted(url, { mode: 'b' }, '-H', 'authorization: Bearer wrong')),
    )
    expect(new Set(wrong.map(({ status }) => status))).toEqual(new Set([401, 429]))
    const document = { at: AT, mode: 'auto' }
    expect(await posted(url, document, '-H', 'authorization: Bearer right')).toMatchObject({ status: 202 })
  })

  test('what is not signed, is signed for another body, is too old, or came before is not taken', async () => {
    const { stage, url } = await receive({ signature: { secret: 'key' }, windowSeconds: 60 }, { key: 'k1' })
    const body = JSON.stringify({ mode: 'auto' })
    const now = Math.floor(Date.now() / 1_000)
    const right = signed('k1', body)
    expect(await posted(url, body)).toMatchObject({ status: 401, body: { code: 'request_denied' } })
    expect(await posted(url, body, ...signed('k2', body))).toMatchObject({
      status: 401,
      body: { code: 'request_denied' },
    })
    expect(await posted(url, '{"mode":"off"}', ...right)).toMatchObject({ status: 401 })
    expect(await posted(url, body, ...signed('k1', body, now - 120))).toMatchObject({ body: { code: 'request_stale' } })
    expect(await posted(url, body, ...signed('k1', body, now + 120))).toMatchObject({ body: { code: 'request_stale' } })
    expect(await posted(url, body, ...right)).toMatchObject({ status: 202, body: { taken: 1 } })
    expect(await posted(url, body, ...right)).toMatchObject({ status: 409, body: { code: 'request_replayed' } })
    await stage.until(() => stage.newest('mode')?.quality === 'good')
    expect(stage.told.filter(({ quality }) => quality === 'good')).toHaveLength(1)
  })

  test('more than it takes in a second is told to come again', async () => {
    const { url } = await receive({ perSecond: 1 })
    const answers = [await posted(url, { mode: 'a' })]
    // Two within a second are one too many.
    while (answers.at(-1)?.status === 202) {
      const two = [posted(url, { mode: 'b' }), posted(url, { mode: 'c' }), posted(url, { mode: 'd' })]
      answers.push(...(await Promise.all(two)).sort((a, b) => a.status - b.status))
    }
    expect(answers.at(-1)).toMatchObject({ status: 429, body: { code: 'request_rate' } })
  })

  test('connections that say nothing hold nobody off for ever, and are no more than it takes', async () => {
    const { url, port } = await receive({ connectionsMax: 2 })
    await posted(url, { mode: 'a' })
    const ended = [0, 1, 2, 3].map(async () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      // It is told that it is ended.
      socket.resume()
      await new Promise((resolve) => socket.once('close', resolve))
    })
    // They make room at once, and end by themselves.
    await until(async () => (await posted(url, { mode: 'b' }).catch(() => undefined))?.status === 202)
    await Promise.all(ended)
    expect(await posted(url, { mode: 'c' })).toMatchObject({ status: 202 })
  })

  test('silence that lasts too long makes a value bad', async () => {
    const { stage, url } = await receive({}, {}, [{ name: 'mode', path: 'mode', staleAfterMs: 200 }])
    await posted(url, { mode: 'a' })
    await stage.until(() => stage.newest('mode')?.quality === 'good')
    await stage.until(() => stage.newest('mode')?.quality === 'bad')
    expect(stage.newest('mode')).toMatchObject({ cause: { code: 'value_stale' } })
  })

  test('over TLS, to whoever has a certificate of ours', async () => {
    const { folder, ca, server } = makeCertificates()
    const tls = { certificate: server.certificate, key: { secret: 'key' }, ca }
    const { port } = await receive({ tls }, { key: server.key })
    const url = `https://localhost:${port}/values`
    const us = ['--cert', `${folder}/client.crt`, '--key', `${folder}/client.key`]
    const trusting = ['--cacert', `${folder}/ca.crt`, '--resolve', `localhost:${port}:127.0.0.1`]
    expect(await posted(url, { mode: 'a' }, ...trusting, ...us)).toMatchObject({ status: 202 })
    expect(await post(url, '{}', ...trusting)).toMatchObject({ status: 0 })
  })

  test('a port that another program has, and a certificate that is none, are said', async () => {
    const { port, url } = await receive()
    await posted(url, { mode: 'a' })
    const { stage } = await receive({ port })
    await stage.until(() => stage.states.some(({ kind }) => kind === 'down'))
    expect(stage.states.find(({ kind }) => kind === 'down')).toMatchObject({
      cause: { code: 'source_unreachable', message: expect.stringMatching(/another program has the port/) },
    })
    const tls = { certificate: '-----BEGIN CERTIFICATE-----\nnone', key: { secret: 'key' } }
    const other = await receive({ tls }, { key: 'none' })
    await other.stage.until(() => other.stage.states.some(({ kind }) => kind === 'down'))
    expect(other.stage.states.find(({ kind }) => kind === 'down')).toMatchObject({ cause: { code: 'source_refused' } })
  })

  test('what anybody on the network could say is refused at the door', () => {
    const problemOf = (connection: object) =>
      WebhookSource.safeParse({
        name: 'mes',
        protocol: 'webhook',
        connection: { port: 8_080, ...connection },
        groups: [{ name: 'all', everyMs: 1_000, tags: TAGS }],
      }).error?.issues[0]?.message
    expect(problemOf({})).toBeUndefined()
    expect(problemOf({ host: '0.0.0.0' })).toMatch(/whoever reaches it could say anything/)
    expect(problemOf({ host: '10.0.0.5', bearer: { secret: 'a' } })).toMatch(/without tls everybody on the way reads/)
    expect(problemOf({ host: '10.0.0.5', signature: { secret: 'a' } })).toBeUndefined()
  })
})
