import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { RouteTable as Table } from '@skerry/contract/routes/route'
import { systemClock } from '@skerry/platform/process/clock'
import { afterEach, expect, test } from 'vitest'
import type { GrpcEndpoints } from '../grpc/grpc-endpoint.ts'
import type { CallerCheck } from './caller-check.ts'
import { grpcFront } from './grpc-front.ts'
import { openPlaceClient } from './place-client.ts'
import { createRouting } from './routing.ts'

const ORGANISATION = 'org_abcdefgh234567'
const never = new AbortController().signal
const open: (() => void)[] = []

afterEach(() => {
  for (const close of open.splice(0).toReversed()) close()
})

/** A server of the protocol over REST that turns the sign of each element. */
const negating: RequestListener = async (request, response) => {
  const body = await buffer(request)
  const end = Number(request.headers['inference-header-content-length'])
  const asked = JSON.parse(body.subarray(0, end).toString())
  const bytes = new Uint8Array(body.subarray(end))
  const y = new Uint8Array(new Float32Array(bytes.buffer).map((element) => -element).buffer)
  const output = { name: 'y', shape: [2], datatype: 'FP32', parameters: { binary_data_size: y.byteLength } }
  const answer = {
    model_name: 'dose-net',
    model_version: '3',
    outputs: asked.parameters.binary_data_output ? [output] : [],
  }
  const json = JSON.stringify(answer)
  response.setHeader('inference-header-content-length', Buffer.byteLength(json))
  response.end(Buffer.concat([Buffer.from(json), y]))
}

const refusing: RequestListener = (_, response) => {
  response.statusCode = 400
  response.end('{"error":"input \\"x\\" has the wrong shape"}')
}

const callers: CallerCheck = {
  check: async (authorization) =>
    authorization === 'Bearer good'
      ? { ok: true, organisationId: Table.shape.organisationId.parse(ORGANISATION), name: 'caller' }
      : { ok: false, status: 401, code: 'key_missing', message: 'send a key' },
}

async function front(...answers: RequestListener[]): Promise<GrpcEndpoints> {
  const places = []
  for (const [at, answer] of answers.entries()) {
    const server = createServer(answer)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const about = { site: 'lyon', version: 3, isSilent: false }
    places.push({ id: `dev_aaaaaaa${'abc'[at]}`, device: `press-${at}`, address, ...about })
  }
  const routing = createRouting({ clock: systemClock, site: 'lyon' })
  const routes = [{ name: 'dose', spec: { model: 'dose-net', prefer: 'least' }, places }]
  routing.use(Table.parse({ organisationId: ORGANISATION, revision: '1', routes }))
  const client = openPlaceClient(() => Promise.reject(new Error('no streams here')))
  open.push(() => client[Symbol.dispose]())
  return grpcFront({ routing, callers, client, version: 'test' })
}

type InferMessage = Parameters<GrpcEndpoints['modelInfer']>[0]

/** As the protobuf library gives it. */
const question = (fields: object = {}) =>
  ({
    ...{ modelName: 'dose', modelVersion: '', id: 'a', parameters: {}, outputs: [] },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [2n], parameters: {}, contents: undefined }],
    rawInputContents: [new Uint8Array(Float32Array.of(1, Number.NaN).buffer)],
    ...fields,
  }) as unknown as InferMessage

const known = (name: string) => (name === 'authorization' ? 'Bearer good' : undefined)

test('a call is answered by a place that speaks REST, and no bit of a tensor is lost', async () => {
  const { modelInfer } = await front(negating)
  const answer = await modelInfer(question(), never, known)
  expect(answer).toMatchObject({ message: { modelName: 'dose-net', modelVersion: '3', id: 'a' } })
  const [y] = answer.ok ? (answer.message.rawOutputContents ?? []) : []
  expect([...new Float32Array(new Uint8Array(y ?? []).buffer)]).toEqual([-1, Number.NaN])
  const contents = { fp32Contents: [1, 2], boolContents: [], intContents: [], int64Contents: [], uintContents: [] }
  const typed = { name: 'x', datatype: 'FP32', shape: [2n], parameters: {} }
  const rest = { uint64Contents: [], fp64Contents: [], bytesContents: [] }
  const inputs = [{ ...typed, contents: { ...contents, ...rest } }]
  const inWords = await modelInfer(question({ inputs, rawInputContents: [] }), never, known)
  expect(inWords).toMatchObject({ message: { outputs: [{ name: 'y', contents: { fp32Contents: [-1, -2] } }] } })
})

test('strangers, unknown routes, versions and wrong inputs get the status of gRPC', async () => {
  const { modelInfer, modelReady, serverReady } = await front(refusing)
  const statusOf = async (answer: ReturnType<typeof modelInfer>) => {
    const read = await answer
    return 'status' in read ? [read.status, read.message] : read
  }
  expect(await statusOf(modelInfer(question(), never, () => undefined))).toEqual([16, 'send a key'])
  expect(await statusOf(modelInfer(question({ modelName: 'other' }), never, known))).toEqual([
    5,
    expect.stringContaining('there is no route'),
  ])
  expect(await statusOf(modelInfer(question({ modelVersion: '9' }), never, known))).toEqual([
    14,
    expect.stringContaining('has no place'),
  ])
  expect(await statusOf(modelInfer(question({ modelVersion: 'x' }), never, known))).toEqual([
    5,
    expect.stringContaining('no version'),
  ])
  expect(await statusOf(modelInfer(question(), never, known))).toEqual([3, 'input "x" has the wrong shape'])
  const named = { name: 'dose', version: '' } as Parameters<GrpcEndpoints['modelReady']>[0]
  expect(await modelReady(named, never, known)).toEqual({ ok: true, message: { ready: true } })
  expect(await serverReady({} as never, never, known)).toEqual({ ok: true, message: { ready: true } })
})

test('a place that fails costs the caller nothing', async () => {
  const { modelInfer } = await front((request) => void request.destroy(), negating)
  for (let at = 0; at < 3; at++) expect(await modelInfer(question(), never, known)).toMatchObject({ ok: true })
})
