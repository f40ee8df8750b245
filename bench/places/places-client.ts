/**
 * The client, in a process of its own. It shares the cores with devices and gateway, so it does as little as a client can:
 * bytes made beforehand over kept connections; of an answer it reads the status and the length.
 */
import { connect } from 'node:net'
import { summary } from '../serve-parts/serve-latency.ts'
import { WIDTH } from './places-model.ts'

/** The path is the name of a model or a route. */
export type PlacesTask = { port: number; path: string; key: string; concurrency: number; ms: number }

function requestBytes({ path, key }: PlacesTask): Buffer {
  const values = Buffer.from(new Float32Array(WIDTH).fill(1).buffer)
  const input = { name: 'x', datatype: 'FP32', shape: [1, WIDTH], parameters: { binary_data_size: values.length } }
  const json = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }))
  const lines = [
    `POST /v2/models/${path}/infer HTTP/1.1`,
    'Host: a',
    `Authorization: Bearer ${key}`,
    `Inference-Header-Content-Length: ${json.length}`,
    `Content-Length: ${json.length + values.length}`,
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), json, values])
}

function openConnection(port: number, request: Buffer) {
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
      new Promise<void>((resolve, reject) => {
        done = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

function answerLength(chunk: Buffer): number {
  const head = chunk.toString('latin1', 0, chunk.indexOf('\r\n\r\n') + 4)
  if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`unexpected answer: ${chunk.toString()}`)
  return head.length + Number(/content-length: (\d+)/i.exec(head.replace(/inference-header-content-length/i, ''))?.[1])
}

async function measure(task: PlacesTask) {
  const request = requestBytes(task)
  const connections = Array.from({ length: task.concurrency }, () => openConnection(task.port, request))
  const latencies: number[] = []
  const startMs = performance.now()
  await Promise.all(
    connections.map(async ({ ask }) => {
      for (let nowMs = startMs; nowMs < startMs + task.ms; ) {
        await ask()
        const endMs = performance.now()
        latencies.push(endMs - nowMs)
        nowMs = endMs
      }
    }),
  )
  const result = summary(latencies, performance.now() - startMs)
  for (const connection of connections) connection.close()
  return result
}

process.once('disconnect', () => process.exit())
process.on('message', (task: PlacesTask) => {
  void measure(task).then((result) => process.send?.(result))
})
process.send?.('ready')
