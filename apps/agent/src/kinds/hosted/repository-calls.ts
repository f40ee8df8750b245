/** Repository calls: requests to the server of a runtime app, by the model repository extension. */
import type { ServedEndpoint } from '../driver.ts'

/** In milliseconds. A server that works answers these at once. */
const STATE_MS = 10_000

/** In milliseconds. TensorRT and OpenVINO compile for minutes at the first load. */
const LOAD_MS = 270_000

/** A refusal has its reason at the beginning. */
const REPLY_BYTES_MAX = 64 * 1024
const REASON_CHARACTERS_MAX = 300

/** `reason` is empty if the server gave none. */
export type RepositoryReply = { status: number; reason: string }

type Place = Pick<ServedEndpoint, 'host' | 'port'>

/** Whether the server is ready. Throws if it does not answer. */
export const isServerReady = async (place: Place, signal: AbortSignal): Promise<boolean> =>
  (await call(place, { method: 'GET', path: '/v2/health/ready', limitMs: STATE_MS }, signal)).status === 200

/** Whether the server has loaded the model. */
export const hasModel = async (place: Place, model: string, signal: AbortSignal): Promise<boolean> =>
  (await call(place, { method: 'GET', path: `/v2/models/${model}/ready`, limitMs: STATE_MS }, signal)).status === 200

/** [Open Inference Protocol V2, model repository extension] The answer comes when the model is loaded. */
export const loadModel = (place: Place, model: string, signal: AbortSignal): Promise<RepositoryReply> =>
  call(place, { method: 'POST', path: `/v2/repository/models/${model}/load`, limitMs: LOAD_MS }, signal)

/** The server ends its requests for the model first. */
export const unloadModel = (place: Place, model: string, signal: AbortSignal): Promise<RepositoryReply> =>
  call(place, { method: 'POST', path: `/v2/repository/models/${model}/unload`, limitMs: STATE_MS }, signal)

type Call = { method: 'GET' | 'POST'; path: string; limitMs: number }

async function call(
  { host, port }: Place,
  { method, path, limitMs }: Call,
  signal: AbortSignal,
): Promise<RepositoryReply> {
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
  const response = await fetch(address, {
    method,
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    ...(method === 'POST' && { body: '{}', headers: { 'content-type': 'application/json' } }),
  })
  return { status: response.status, reason: reasonIn(await textOf(response)) }
}

async function textOf({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body ?? []) {
    pieces.push(piece)
    size += piece.byteLength
    if (size >= REPLY_BYTES_MAX) break
  }
  return Buffer.concat(pieces).toString('utf8')
}

function reasonIn(text: string): string {
  const error = errorIn(text)
  return (typeof error === 'string' ? error : text).slice(0, REASON_CHARACTERS_MAX)
}

function errorIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'error' in value ? value.error : undefined
  } catch {
    return undefined
  }
}
