/**
 * Infer command: passes a request of the Open Inference Protocol from the hub to the device's own runner, and the
 * answer back. It streams the bytes without storing or parsing them: inputs may be larger than control's memory.
 */
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { COMMAND_BYTES_MAX, type CommandOf, type CommandRefusalCode } from '@skerry/contract/devices/device-command'
import { problemOf } from '@skerry/platform/network/https-client'
import type { Clock } from '@skerry/platform/process/clock'
import type { HubDownload } from '../hub/hub-download.ts'
import { reasonIn } from '../hub/hub-reason.ts'
import type { Address } from '../options.ts'
import { type CommandResult, rejectCommand } from './command-desk.ts'
import { fetchQuestion } from './fetch-question.ts'

export type InferDeps = {
  send: HubDownload['send']
  /** The address of the device's runner. Undefined while none is ready. */
  runner(): Address | undefined
  clock: Pick<Clock, 'monotonicMs'>
}

type Command = CommandOf<'infer'>
type Result = CommandResult<'infer'>

/** Carries out one command to infer. */
export async function inferOnDevice(deps: InferDeps, command: Command, signal: AbortSignal): Promise<Result> {
  const runner = deps.runner()
  if (!runner) return rejectCommand('device_busy', 'the runner of the device is starting; try again in a moment')
  // [Node 24] A module that imports it by name also loads its WebSocket: 45 ms of processor at the start of the agent.
  const { request } = await import('node:http')
  const question = await fetchQuestion(deps.send, { id: command.id, what: 'the inputs' }, signal)
  if (question.kind !== 'bytes') return question
  const asked = await askRunner(runner, command, question.stream, { request, clock: deps.clock, signal })
  if ('kind' in asked) return asked
  return asked.answer.statusCode === 200 ? handIn(deps, command, asked, signal) : refusalOf(asked.answer)
}

const pathOf = ({ id }: Pick<Command, 'id'>) => `/v1/device-commands/${id}`

type Asking = Pick<InferDeps, 'clock'> & { request: typeof import('node:http').request; signal: AbortSignal }

type Asked = { answer: IncomingMessage; runnerUs: number }

/** Sends the bytes on as they come. */
async function askRunner(
  { host, port }: Address,
  { model, version, bytes, jsonBytes }: Command,
  body: IncomingMessage,
  { request: startRequest, clock, signal }: Asking,
): Promise<Asked | Result> {
  const versionPath = version === undefined ? '' : `/versions/${version}`
  const request = startRequest({
    host: WILDCARDS[host] ?? host,
    port,
    method: 'POST',
    path: `/v2/models/${model}${versionPath}/infer`,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': bytes,
      'inference-header-content-length': jsonBytes,
    },
    signal,
  })
  let sentAtMs = clock.monotonicMs()
  request.on('finish', () => {
    sentAtMs = clock.monotonicMs()
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  // An error that ends the body also ends the request, which is reported above.
  pipeline(body, request).catch((error: unknown) => request.destroy(error instanceof Error ? error : undefined))
  try {
    const answer = await answered
    return { answer, runnerUs: Math.max(0, Math.round((clock.monotonicMs() - sentAtMs) * 1_000)) }
  } catch (error) {
    signal.throwIfAborted()
    return rejectCommand(
      'command_failed',
      `the runner did not answer: ${error instanceof Error ? error.message : error}`,
    )
  }
}

/** A server that listens on every address is reached over loopback. */
export const WILDCARDS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Sends the bytes of the answer to the hub. */
async function handIn(
  { send }: InferDeps,
  command: Command,
  { answer, runnerUs }: Asked,
  signal: AbortSignal,
): Promise<Result> {
  const length = Number(answer.headers['content-length'])
  const jsonBytes = Number(answer.headers['inference-header-content-length'] ?? length)
  if (length > COMMAND_BYTES_MAX) {
    answer.destroy()
    return rejectCommand(
      'answer_too_large',
      `the answer has ${length} bytes, which is over 32 MiB; request fewer outputs or a smaller batch`,
    )
  }
  const kept = await send(
    { method: 'PUT', path: `${pathOf(command)}/answer`, content: { length, stream: answer } },
    signal,
  )
  if (!kept.ok) return rejectCommand('command_failed', `the device could not send its answer: ${kept.message}`)
  if (kept.status === 404) {
    kept.stream.destroy()
    return { kind: 'over' }
  }
  if (kept.status === 200) {
    kept.stream.resume()
    return { kind: 'infer', runnerUs, jsonBytes }
  }
  const problem = await problemOf(kept, signal)
  const { message = problem.message } = reasonIn(problem.body)
  return rejectCommand('command_failed', `the hub did not accept the answer: ${message}`)
}

/** [inference, HTTP_STATUS] The meaning of the runner's rejections for the hub. */
function codeOf(status: number): CommandRefusalCode {
  if (status === 404) return 'model_unserved'
  if (status === 429 || status === 503) return 'device_busy'
  return status >= 400 && (status < 500 || status === 501) ? 'inference_refused' : 'inference_failed'
}

/** Messages of a runner are a sentence or two. */
const WORDS_MAX = 64 * 1024

async function refusalOf(answer: IncomingMessage): Promise<Result> {
  let text = ''
  for await (const chunk of answer) {
    text += String(chunk)
    if (text.length > WORDS_MAX) break
  }
  const status = answer.statusCode ?? 0
  return rejectCommand(codeOf(status), errorIn(text) ?? `the runner answered ${status}`)
}

/** [Open Inference Protocol V2, error response] */
function errorIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : undefined
  } catch {
    return undefined
  }
}
