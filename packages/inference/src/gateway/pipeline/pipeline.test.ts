/** Pipelines on a real gateway, with places that answer as devices do. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { RouteTable } from '@skerry/contract/routes/route'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { afterEach, expect, test } from 'vitest'
import { readOipRequest } from '../../rest/oip-request.ts'
import { writeOipResponse } from '../../rest/oip-response.ts'
import { startGatewayServer } from '../gateway-server.ts'
import { openPlaceClient } from '../place-client.ts'
import { createRouting, type Routing } from '../routing.ts'

const ORGANISATION = 'org_abcdefgh234567'
const open: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

type Values = Readonly<Record<string, number>>

/** A stage: its tensors of one number each, and the computation. */
type Stage = { takes: string[]; gives: string[]; compute(values: Values): Values; before?: () => Promise<unknown> }

const ADD: Stage = { takes: ['x'], gives: ['mid', 'skip'], compute: ({ x = 0 }) => ({ mid: x + 1, skip: x }) }
const DOUBLE: Stage = { takes: ['mid'], gives: ['deep'], compute: ({ mid = 0 }) => ({ deep: mid * 2 }) }
const JOIN: Stage = { takes: ['deep', 'skip'], gives: ['y'], compute: ({ deep = 0, skip = 0 }) => ({ y: deep - skip }) }
const WHOLE = (x: number) => (x + 1) * 2 - x

/** A device that serves the stage, and counts its requests. */
async function place({ takes, gives, compute, before }: Stage): Promise<{ url: string; seen: string[]; stop(): void }> {
  const seen: string[] = []
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const body = new Uint8Array(await buffer(request))
    seen.push(String(request.url))
    await before?.()
    const end = Number(request.headers['inference-header-content-length'] ?? body.byteLength)
    const read = readOipRequest(body.subarray(0, end), body.subarray(end))
    if (!read.ok) return void response.writeHead(400).end(JSON.stringify({ error: read.message }))
    expect(read.request.inputs.map(({ name }) => name)).toEqual(takes)
    const numbers = read.request.inputs.map(({ name, data }) => [
      name,
      new Float32Array(new Uint8Array(data).buffer)[0],
    ])
    const results = compute(Object.fromEntries(numbers))
    const outputs = gives.map((name) => tensor(name, results[name] ?? Number.NaN))
    const written = writeOipResponse({ ok: true, name: 'stage', version: '1', outputs }, read)
    if (!written.ok) throw new Error(written.message)
    const bytes = Buffer.concat([Buffer.from(written.json), ...(written.binary ?? [])])
    response.setHeader('inference-header-content-length', Buffer.byteLength(written.json))
    response.end(bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  open.push(stop)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, stop }
}

const tensor = (name: string, value: number) => ({
  name,
  datatype: 'FP32' as const,
  shape: [1],
  data: new Uint8Array(Float32Array.of(value).buffer),
})

const spec = (name: string) => ({ name, datatype: 'FP32', shape: [1] })

type Placed = { stage: Stage; urls: string[] }

function tableOf(stages: readonly Placed[], rules: object = {}, pipeline: object = {}): RouteTable {
  const named = stages.map((_, at) => ({ model: `ocr-${at + 1}`, version: 1 }))
  const rows = stages.map(({ stage, urls }, at) => ({
    ...named[at],
    inputs: stage.takes.map(spec),
    outputs: stage.gives.map(spec),
    places: urls.map((address, index) => ({
      id: `dev_aaaaaa${'abc'[at]}${'abc'[index]}`,
      device: `line-${at + 1}${'abc'[index]}`,
      site: 'lyon',
      version: 1,
      address,
      isSilent: false,
    })),
  }))
  const route = {
    name: 'read',
    spec: { model: 'ocr', pipeline: { stages: named, outputs: stages.at(-1)?.stage.gives, ...pipeline }, ...rules },
    places: [],
    stages: rows,
  }
  return RouteTable.parse({ organisationId: ORGANISATION, revision: '1', routes: [route] })
}

type Gateway = { url: string; routing: Routing }

async function gateway(table: RouteTable): Promise<Gateway> {
  const routing = createRouting({ clock: systemClock, site: 'lyon' })
  routing.use(table)
  const client = openPlaceClient(() => Promise.reject(new Error('no streams here')))
  const about = { host: '127.0.0.1', port: 0, tls: undefined, version: 'test' }
  const organisationId = RouteTable.shape.organisationId.parse(ORGANISATION)
  const callers = { check: async () => ({ ok: true as const, organisationId, name: 'caller' }) }
  const server = await startGatewayServer({ ...about, routing, callers, client })
  open.push(async () => {
    await server.close(100)
    client[Symbol.dispose]()
  })
  return { url: `http://127.0.0.1:${server.port}`, routing }
}

async function ask({ url }: Gateway, x: number, more: { signal?: AbortSignal; outputs?: object[] } = {}) {
  const { signal, outputs } = more
  const body = JSON.stringify({ id: `q${x}`, inputs: [{ ...spec('x'), data: [x] }], ...(outputs && { outputs }) })
  const response = await fetch(`${url}/v2/models/read/infer`, { method: 'POST', body, ...(signal && { signal }) })
  const read = (await response.json()) as {
    id?: string
    outputs?: { name: string; data: number[] }[]
    error?: string
    code?: string
  }
  const [output] = read.outputs ?? []
  return {
    status: response.status,
    places: response.headers.get('skerry-place'),
    id: read.id,
    name: output?.name,
    y: output?.data[0],
    error: read.error,
    code: read.code,
  }
}

const idle = ({ routing }: Gateway) =>
  routing
    .find('read')
    ?.pipeline?.stages.map(({ room, slots }) =>
      [room.counts(), slots.counts()].flatMap((counts) => Object.values(counts)),
    )

const NOBODY = [0, 0, 0, 0]

test('a request passes all stages, a skipped tensor included, and the answer is that of the whole', async () => {
  const [add, double, join] = await Promise.all([place(ADD), place(DOUBLE), place(JOIN)])
  const it = await gateway(
    tableOf([
      { stage: ADD, urls: [add.url] },
      { stage: DOUBLE, urls: [double.url] },
      { stage: JOIN, urls: [join.url] },
    ]),
  )
  const answers = await Promise.all(Array.from({ length: 20 }, (_, x) => ask(it, x)))
  expect(answers).toEqual(
    answers.map((_, x) =>
      expect.objectContaining({
        status: 200,
        id: `q${x}`,
        name: 'y',
        y: WHOLE(x),
        places: 'line-1a, line-2a, line-3a',
      }),
    ),
  )
  expect(add.seen[0]).toBe('/v2/models/ocr-1/versions/1/infer')
  const metadata = await (await fetch(`${it.url}/v2/models/read`)).json()
  expect(metadata).toMatchObject({ platform: 'skerry_pipeline', inputs: [spec('x')], outputs: [spec('y')] })
  expect((await fetch(`${it.url}/v2/models/read/ready`)).status).toBe(200)
  const { places } = it.routing.report()
  expect(places.map(({ stage, requests }) => [stage, requests])).toEqual([
    [1, 20],
    [2, 20],
    [3, 20],
  ])
  expect(idle(it)).toEqual([NOBODY, NOBODY, NOBODY])
})

test('a stage that dies is served by its replica, and without one the error names the stage', async () => {
  const [add, one, two] = await Promise.all([place(ADD), place(DOUBLE), place(DOUBLE)])
  const it = await gateway(
    tableOf([
      { stage: ADD, urls: [add.url] },
      { stage: DOUBLE, urls: [one.url, two.url] },
    ]),
  )
  expect((await ask(it, 1)).status).toBe(200)
  one.stop()
  const answers = await Promise.all(Array.from({ length: 20 }, (_, x) => ask(it, x)))
  expect(answers.map(({ status, y }) => [status, y])).toEqual(answers.map((_, x) => [200, (x + 1) * 2]))
  two.stop()
  const lost = await ask(it, 1)
  expect([lost.status, lost.error]).toEqual([503, expect.stringContaining('stage 2 of 2 (ocr-2:1)')])
  expect(idle(it)).toEqual([NOBODY, NOBODY])
})

test('an input that does not fit is refused before any stage, and an error of a stage has its words', async () => {
  const add = await place(ADD)
  const broken = createServer((_, response) => void response.writeHead(500).end('{"error":"the model failed"}'))
  broken.listen(0, '127.0.0.1')
  await once(broken, 'listening')
  open.push(() => void broken.close())
  const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`
  const it = await gateway(
    tableOf([
      { stage: ADD, urls: [add.url] },
      { stage: DOUBLE, urls: [url] },
    ]),
  )
  const wrong = await fetch(`${it.url}/v2/models/read/infer`, { method: 'POST', body: '{"inputs":[]}' })
  expect([wrong.status, add.seen.length]).toEqual([400, 0])
  expect(await ask(it, 1, { outputs: [{ name: 'mid' }] })).toMatchObject({
    status: 400,
    error: expect.stringContaining('mid'),
  })
  expect(await ask(it, 1)).toMatchObject({
    status: 500,
    code: 'stage_failed',
    error: 'stage 2 of 2 (ocr-2:1): line-2a answered 500: the model failed',
  })
  expect(idle(it)).toEqual([NOBODY, NOBODY])
})

test('a slow stage holds requests back until callers get 429, and all of the admitted ones are answered', async () => {
  const gates: (() => void)[] = []
  const slow = { ...DOUBLE, before: () => new Promise<void>((resolve) => void gates.push(resolve)) }
  const [add, double] = await Promise.all([place(ADD), place(slow)])
  const table = tableOf(
    [
      { stage: ADD, urls: [add.url] },
      { stage: slow, urls: [double.url] },
    ],
    { concurrency: 1 },
    { queue: 1 },
  )
  const it = await gateway(table)
  // One works and one waits at each stage; the others have no room.
  const asked = Array.from({ length: 8 }, async (_, x) => ask(it, x))
  const seen: Awaited<ReturnType<typeof ask>>[] = []
  for (const one of asked) void one.then((answer) => seen.push(answer))
  await until(async () => seen.length >= 4 && gates.length === 1)
  expect(seen.every(({ status, error }) => status === 429 && error?.includes('stage 1 of 2'))).toBe(true)
  let isOver = false
  const opening = until(async () => {
    for (const release of gates.splice(0)) release()
    return isOver
  })
  const answers = await Promise.all(asked)
  isOver = true
  await opening
  const good = answers.filter(({ status }) => status === 200)
  expect(good.length).toBeGreaterThanOrEqual(2)
  expect(good.every(({ id, y }) => y === (Number(id?.slice(1)) + 1) * 2)).toBe(true)
  expect(idle(it)).toEqual([NOBODY, NOBODY])
})

test('a deadline ends a request with the stage that it is at, and a caller who leaves frees its place', async () => {
  const stuck = { ...DOUBLE, before: () => new Promise<void>(() => undefined) }
  const [add, double] = await Promise.all([place(ADD), place(stuck)])
  const stages = [
    { stage: ADD, urls: [add.url] },
    { stage: stuck, urls: [double.url] },
  ]
  // The first stage answers within it, on a busy machine too.
  const it = await gateway(tableOf(stages, { timeoutMs: 3_000 }))
  expect(await ask(it, 1)).toMatchObject({
    status: 504,
    code: 'deadline_passed',
    error: expect.stringContaining('stage 2 of 2'),
  })
  const patient = await gateway(tableOf(stages))
  const leaving = new AbortController()
  const left = ask(patient, 2, { signal: leaving.signal }).catch(() => 'left')
  await until(async () => double.seen.length === 2)
  leaving.abort()
  expect(await left).toBe('left')
  await until(async () => JSON.stringify(idle(patient)) === JSON.stringify([NOBODY, NOBODY]))
})
