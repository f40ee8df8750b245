import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { until } from '@skerry/testkit/until'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newHost, serve, stoke } from '../../test/fixture.ts'
import { GRPCInferenceService as Service } from '../generated/open_inference_grpc_pb.ts'
import type { OipServer } from '../rest/rest-server.ts'
import { type GrpcEndpoints, grpcEndpoints } from './grpc-endpoint.ts'
import { startGrpcServer } from './grpc-server.ts'

const host = newHost()
let server: OipServer
let client: Client

beforeAll(async () => {
  for (const model of ['times-2', 'identity-fp16', 'identity-int8', 'identity-bytes', 'divide'])
    await serve(host, model)
  await serve(host, 'spin', { queueMax: 1 })
  server = await startGrpcServer({
    host,
    identity: { name: 'skerry', version: '0.1.0' },
    port: 0,
    messageBytesMax: 100_000,
  })
  client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure())
})
afterAll(async () => {
  client.close()
  await server.close(1_000)
  await host.close()
})

type Methods = (typeof Service)['method']
type Reply<Output extends DescMessage> =
  | { ok: true; message: MessageShape<Output> }
  | { ok: false; code: status; details: string }

function send(path: string, bytes: Uint8Array, deadlineMs = 30_000): Promise<{ bytes?: Buffer; error?: ServiceError }> {
  const deadline = new Date(Date.now() + deadlineMs)
  return new Promise((resolve) => {
    const asIs = (it: Buffer) => it
    client.makeUnaryRequest(path, asIs, asIs, Buffer.from(bytes), { deadline }, (error, reply) =>
      resolve(error === null ? { bytes: reply ?? Buffer.alloc(0) } : { error }),
    )
  })
}

async function call<Name extends keyof Methods>(
  name: Name,
  request: MessageInitShape<Methods[Name]['input']>,
  deadlineMs?: number,
): Promise<Reply<Methods[Name]['output']>> {
  const method = Service.method[name]
  const bytes = toBinary<DescMessage>(method.input, create<DescMessage>(method.input, request))
  const { bytes: reply, error } = await send(`/${Service.typeName}/${method.name}`, bytes, deadlineMs)
  if (error !== undefined) return { ok: false, code: error.code, details: error.details }
  return { ok: true, message: fromBinary<Methods[Name]['output']>(method.output, reply ?? new Uint8Array()) }
}

const x = { name: 'x', datatype: 'FP32', shape: [1n, 2n] }
const typed = { modelName: 'times-2', inputs: [{ ...x, contents: { fp32Contents: [1, 2] } }] }
const raw = (values: number[]) => [new Uint8Array(Float32Array.from(values).buffer)]

test('reports its metadata and its models', async () => {
  expect(await call('serverLive', {})).toMatchObject({ message: { live: true } })
  expect(await call('serverReady', {})).toMatchObject({ message: { ready: true } })
  expect(await call('serverMetadata', {})).toMatchObject({ message: { name: 'skerry', extensions: { length: 3 } } })
  expect(await call('modelReady', { name: 'times-2' })).toMatchObject({ message: { ready: true } })
  expect(await call('modelMetadata', { name: 'times-2', version: '1' })).toMatchObject({
    message: {
      name: 'times-2',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1n, -1n] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1n, -1n] }],
    },
  })
})

test('answers in the form of the request: typed contents, or raw bytes', async () => {
  expect(await call('modelInfer', { ...typed, id: 'a' })).toMatchObject({
    message: {
      modelName: 'times-2',
      modelVersion: '1',
      id: 'a',
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1n, 2n], contents: { fp32Contents: [2, 4] } }],
      rawOutputContents: [],
    },
  })
  const reply = await call('modelInfer', { modelName: 'times-2', inputs: [x], rawInputContents: raw([3, 4]) })
  expect(reply.ok && Buffer.from(reply.message.rawOutputContents[0] ?? '')).toEqual(Buffer.from(raw([6, 8])[0] ?? ''))
  expect(reply.ok && reply.message.outputs[0]?.contents).toBeUndefined()
})

test.each([
  ['an unknown model', { ...typed, modelName: 'nothing' }, status.NOT_FOUND, "model 'nothing' is not served here"],
  [
    'an unknown version',
    { ...typed, modelVersion: '9' },
    status.NOT_FOUND,
    "model 'times-2' is served in version 1, not 9",
  ],
  ['no input', { modelName: 'times-2' }, status.INVALID_ARGUMENT, "input 'x' is missing: the model needs 'x'"],
  ['no values', { ...typed, inputs: [x] }, status.INVALID_ARGUMENT, "input 'x' needs 8 bytes for its shape, got 0"],
  [
    'an unknown output',
    { ...typed, outputs: [{ name: 'z' }] },
    status.INVALID_ARGUMENT,
    "output 'z' is unknown: the model has 'y'",
  ],
  [
    'a negative size',
    { ...typed, inputs: [{ ...x, shape: [-1n] }] },
    status.INVALID_ARGUMENT,
    "input 'x' must have a shape",
  ],
  [
    'an unknown data type',
    { ...typed, inputs: [{ ...x, datatype: 'F' }] },
    status.INVALID_ARGUMENT,
    "input 'x' must have a datatype",
  ],
  [
    'both contents',
    { ...typed, rawInputContents: raw([1, 2]) },
    status.INVALID_ARGUMENT,
    "input 'x' has both contents and raw",
  ],
  [
    'one raw too many',
    { ...typed, rawInputContents: [...raw([1]), ...raw([1])] },
    status.INVALID_ARGUMENT,
    'one entry for each of 1',
  ],
  [
    'contents of another type',
    { ...typed, inputs: [{ ...x, contents: { fp64Contents: [1, 2] } }] },
    status.INVALID_ARGUMENT,
    "input 'x' has fp64Contents, but FP32 belongs in fp32Contents",
  ],
  [
    'an element out of range',
    { modelName: 'identity-int8', inputs: [{ ...x, datatype: 'INT8', contents: { intContents: [1, 128] } }] },
    status.INVALID_ARGUMENT,
    "input 'x' has an element out of INT8's range",
  ],
  [
    'FP16 in contents',
    { modelName: 'identity-fp16', inputs: [{ ...x, datatype: 'FP16' }] },
    status.INVALID_ARGUMENT,
    "input 'x' must be sent as raw_input_contents, being FP16",
  ],
  [
    'a sequence',
    { ...typed, parameters: { sequence_id: { parameterChoice: { case: 'int64Param' as const, value: 7n } } } },
    status.UNIMPLEMENTED,
    'sequences are not supported',
  ],
])('refuses %s', async (_, request, code, details) => {
  expect(await call('modelInfer', request)).toMatchObject({
    ok: false,
    code,
    details: expect.stringContaining(details),
  })
})

test('carries NaN, which REST in JSON cannot', async () => {
  const zero = { datatype: 'FP32', shape: [1n], contents: { fp32Contents: [0] } }
  const reply = await call('modelInfer', { modelName: 'divide', inputs: ['a', 'b'].map((name) => ({ ...zero, name })) })
  expect(reply).toMatchObject({ message: { outputs: [{ contents: { fp32Contents: [Number.NaN] } }] } })
})

test('refuses a message over the limit', async () => {
  expect(await call('modelInfer', { modelName: 'x'.repeat(100_001) })).toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
  })
})

const spinning = (steps: bigint) => ({
  modelName: 'spin',
  inputs: [{ name: 'steps', datatype: 'INT64', shape: [1n], contents: { int64Contents: [steps] } }],
})

test('refuses early when the queue is full', async () => {
  const stop = stoke(host)
  let reply = await call('modelInfer', spinning(1n))
  while (reply.ok) reply = await call('modelInfer', spinning(1n))
  expect(reply).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
  await stop()
})

test('lists models and their statistics as REST does, and refuses to change them', async () => {
  await call('modelInfer', typed)
  const index = await call('repositoryIndex', { ready: true })
  expect(index).toMatchObject({ message: { models: { length: 6 } } })
  expect(index.ok && index.message.models[0]).toMatchObject({
    name: 'times-2',
    version: '1',
    state: 'READY',
    reason: '',
  })
  const one = await call('modelStatistics', { name: 'times-2', version: '1' })
  const [statistics] = one.ok ? one.message.modelStats : []
  const { success, computeInfer, cacheHit } = statistics?.inferenceStats ?? {}
  expect(statistics).toMatchObject({ name: 'times-2', version: '1', batchStats: [{ batchSize: 1n }] })
  expect(statistics?.inferenceCount).toBeGreaterThan(0n)
  expect(success?.count).toBe(computeInfer?.count)
  expect(success?.ns).toBeGreaterThan(0n)
  expect(cacheHit).toMatchObject({ count: 0n, ns: 0n })
  expect(await call('modelStatistics', {})).toMatchObject({ message: { modelStats: { length: 6 } } })
  expect(await call('modelStatistics', { name: 'nothing' })).toMatchObject({ code: status.NOT_FOUND })
  for (const change of ['repositoryModelLoad', 'repositoryModelUnload'] as const) {
    const details = 'models are loaded by the hub: deploy a version to this device instead'
    expect(await call(change, { modelName: 'times-2' })).toEqual({ ok: false, code: status.UNIMPLEMENTED, details })
  }
})

test("keeps the client's deadline and its timeout parameter", async () => {
  const timeout = { timeout: { parameterChoice: { case: 'uint64Param' as const, value: 5_000n } } }
  const late = { ok: false, code: status.DEADLINE_EXCEEDED }
  expect(await call('modelInfer', { ...spinning(200_000n), parameters: timeout })).toMatchObject(late)
  const cancelled = () => host.stats().at(-1)?.statistics.failures.CANCELED ?? 0
  const before = cancelled()
  // On a busy machine the deadline may pass before the server receives the call; then the test makes another one.
  while (cancelled() === before) {
    expect(await call('modelInfer', spinning(400_000n), 100)).toMatchObject(late)
    await until(() => host.stats().at(-1)?.pending === 0)
  }
})

test('other endpoints get the metadata of a call, over TLS', async () => {
  const authority = await createAuthority({ commonName: 'our authority', nowMs: Date.now() })
  const own = await issueServerCertificate(authority, { names: ['localhost'], nowMs: Date.now() })
  const endpoints: GrpcEndpoints = {
    ...grpcEndpoints(host, { name: 'other', version: '1' }),
    modelReady: (_request, _signal, metadata) => ({
      ok: false,
      status: status.ABORTED,
      message: metadata('who') ?? '',
    }),
  }
  const tls = { cert: own.certificatePem, key: own.privateKeyPem }
  const encrypted = await startGrpcServer({ endpoints, tls, port: 0 })
  const address = `localhost:${encrypted.port}`
  const ask = (ca: string) =>
    new Promise<ServiceError | null>((resolve) => {
      const other = new Client(address, credentials.createSsl(Buffer.from(ca)))
      const metadata = new Metadata()
      metadata.set('who', 'ann')
      const asIs = (it: Buffer) => it
      const path = `/${Service.typeName}/ModelReady`
      const options = { deadline: new Date(Date.now() + 20_000) }
      other.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), metadata, options, (error) => {
        other.close()
        resolve(error)
      })
    })
  expect(await ask(authority.certificatePem)).toMatchObject({ code: status.ABORTED, details: 'ann' })
  const stranger = await createAuthority({ commonName: 'another authority', nowMs: Date.now() })
  expect(await ask(stranger.certificatePem)).toMatchObject({ code: status.UNAVAILABLE })
  await encrypted.close(1_000)
})

test('no bytes, however wrong, crash the server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...Service.methods), async (bytes, method) => {
      const { error } = await send(`/${Service.typeName}/${method.name}`, bytes)
      expect([undefined, status.INVALID_ARGUMENT, status.NOT_FOUND, status.UNIMPLEMENTED]).toContain(error?.code)
    }),
    { numRuns: 200 },
  )
  expect((await send('/inference.GRPCInferenceService/ModelStreamInfer', new Uint8Array())).error?.code).toBe(
    status.UNIMPLEMENTED,
  )
})

test('closes gracefully, with and without pending requests, and cuts those that take too long', async () => {
  const options = { host, identity: { name: 'skerry', version: '0.1.0' }, port: 0 }
  const unasked = await startGrpcServer(options)
  await unasked.close(60_000)
  const asked = await startGrpcServer(options)
  const other = new Client(`127.0.0.1:${asked.port}`, credentials.createInsecure())
  const infer = (steps: bigint) => {
    const { input, name } = Service.method.modelInfer
    const bytes = Buffer.from(toBinary(input, create(input, spinning(steps))))
    return new Promise<status | undefined>((resolve) => {
      const asIs = (it: Buffer) => it
      other.makeUnaryRequest(`/${Service.typeName}/${name}`, asIs, asIs, bytes, (error) => resolve(error?.code))
    })
  }
  expect(await infer(1n)).toBeUndefined()
  const cut = infer(2_000_000n)
  await until(() => host.stats().at(-1)?.pending === 1)
  await asked.close(0)
  expect(await cut).toBe(status.UNAVAILABLE)
  other.close()
})
