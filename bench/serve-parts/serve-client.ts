/**
 * The client, in a process of its own. It shares two cores with the server, so it does as little as a client can: requests are
 * bytes made beforehand, and of an answer it reads the status and the length.
 */
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { create, toBinary } from '@bufbuild/protobuf'
import { ModelInferRequestSchema } from '@skerry/inference/generated/open_inference_grpc_pb'
import { type Summary, summary } from './serve-latency.ts'
import { BENCH_MODELS, type BenchModel, inputValues } from './serve-model.ts'

export type Door = 'restJson' | 'restBinary' | 'grpc'
export type ClientTask = { door: Door; model: string; port: number; concurrency: number; ms: number }

/** Sends one request and resolves when its answer has come whole. */
type Ask = { ask: () => Promise<void>; close: () => void }

function restRequest(model: BenchModel, isBinary: boolean): Buffer {
  const values = inputValues(model)
  const tensor = { name: model.input, shape: model.shape, datatype: 'FP32' }
  const parameters = { binary_data_size: values.byteLength }
  const json = isBinary
    ? { inputs: [{ ...tensor, parameters }], parameters: { binary_data_output: true } }
    : { inputs: [{ ...tensor, data: Array.from(values) }] }
  const head = Buffer.from(JSON.stringify(json))
  const body = isBinary ? Buffer.concat([head, new Uint8Array(values.buffer)]) : head
  const length = isBinary ? `Inference-Header-Content-Length: ${head.length}\r\n` : ''
  const lines = `POST /v2/models/${model.name}/infer HTTP/1.1\r\nHost: a\r\n${length}Content-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(lines), body])
}

/** A connection that asks again when it has its answer, as HTTP/1.1 without pipelining. */
function restConnection(port: number, request: Buffer): Ask {
  const socket = connect(port, '127.0.0.1').setNoDelay()
  let left = 0
  let done: { resolve: () => void; reject: (cause: unknown) => void } | undefined
  socket.on('error', (cause) => done?.reject(cause))
  socket.on('data', (chunk) => {
    left = left === 0 ? answerLength(chunk) - chunk.length : left - chunk.length
    if (left === 0) done?.resolve()
  })
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        done = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

/** The server sends the headers whole, before or with the first bytes of the body. */
function answerLength(chunk: Buffer): number {
  const head = chunk.toString('latin1', 0, chunk.indexOf('\r\n\r\n') + 4)
  if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`unexpected answer: ${chunk.toString()}`)
  return head.length + Number(/content-length: (\d+)/i.exec(head)?.[1])
}

/** Holds the largest answer, so that the server need not wait in its middle. */
const WINDOW_BYTES = 2 ** 24

function grpcConnection(port: number, model: BenchModel): Ask {
  const message = toBinary(
    ModelInferRequestSchema,
    create(ModelInferRequestSchema, {
      modelName: model.name,
      inputs: [{ name: model.input, datatype: 'FP32', shape: model.shape.map(BigInt) }],
      rawInputContents: [new Uint8Array(inputValues(model).buffer)],
    }),
  )
  // [gRPC over HTTP/2, length-prefixed message] One byte for compression, four for the length.
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, 0]), message])
  frame.writeUInt32BE(message.length, 1)
  const session = connectHttp2(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: WINDOW_BYTES } })
  session.on('connect', () => session.setLocalWindowSize(WINDOW_BYTES))
  const headers = {
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
  }
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        const stream = session.request(headers)
        stream.on('trailers', (trailers) => {
          if (trailers['grpc-status'] !== '0') reject(new Error(`unexpected answer: ${trailers['grpc-message']}`))
        })
        stream.on('data', () => {})
        stream.on('error', reject)
        stream.on('close', resolve)
        stream.end(frame)
      }),
    close: () => session.destroy(),
  }
}

/** After a pause caches are cold and cores asleep; whoever is measured first would pay for it. */
const WARM_UP_MS = 200

async function measure({ door, model: name, port, concurrency, ms }: ClientTask): Promise<Summary> {
  const model = BENCH_MODELS.find((it) => it.name === name)
  if (model === undefined) throw new Error(`no model ${name}`)
  const connections = Array.from({ length: concurrency }, () =>
    door === 'grpc' ? grpcConnection(port, model) : restConnection(port, restRequest(model, door === 'restBinary')),
  )
  await askFor(WARM_UP_MS, connections)
  const startMs = performance.now()
  const latencies = await askFor(ms, connections)
  const result = summary(latencies, performance.now() - startMs)
  for (const connection of connections) connection.close()
  return result
}

/** Every connection asks again and again until the time is over. */
async function askFor(ms: number, connections: readonly Ask[]): Promise<number[]> {
  const latencies: number[] = []
  const startMs = performance.now()
  await Promise.all(
    connections.map(async ({ ask }) => {
      for (let nowMs = startMs; nowMs < startMs + ms; ) {
        await ask()
        const endMs = performance.now()
        latencies.push(endMs - nowMs)
        nowMs = endMs
      }
    }),
  )
  return latencies
}

process.once('disconnect', () => process.exit())
process.on('message', (task: ClientTask) => {
  void measure(task).then((result) => process.send?.(result))
})
process.send?.('ready')
