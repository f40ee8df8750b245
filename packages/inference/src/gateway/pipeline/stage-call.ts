/** Stage call: one stage of a pipeline asks its places, as a route does, and reads the tensors of the answer. */
import { buffer } from 'node:stream/consumers'
import type { TablePlace } from '@skerry/contract/routes/route'
import type { RawTensor } from '../../host/raw-tensor.ts'
import { readReply, requestBody } from '../../remote/remote-tensors.ts'
import type { Refusal } from '../caller-check.ts'
import { type Deps, forwardRequest } from '../forward.ts'
import type { PlaceAnswer } from '../place-client.ts'
import type { LiveStage } from './live-pipeline.ts'

/** A body or an answer, which is in memory as a whole. Larger tensors are slower to send than to compute. */
export const STAGE_BYTES_MAX = 16 * 1024 * 1024

export type StageAnswer = { ok: true; outputs: RawTensor[]; place: Pick<TablePlace, 'device'> } | Refusal

/** [Binary tensor data extension] */
const LENGTH_HEADER = 'inference-header-content-length'

/** Sends the tensors that the stage takes. A refusal names the stage. */
export async function callStage(
  deps: Deps,
  { live, sides, title }: LiveStage,
  bag: ReadonlyMap<string, RawTensor>,
  signal: AbortSignal,
): Promise<StageAnswer> {
  const { model, version } = sides
  const inputs = sides.inputs.flatMap(({ name }) => bag.get(name) ?? [])
  const { pieces, jsonBytes } = requestBody({ inputs, outputs: sides.outputs.map(({ name }) => name), isBinary: true })
  const body = Buffer.concat(pieces)
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(body.byteLength),
    [LENGTH_HEADER]: String(jsonBytes),
  }
  const path = `/v2/models/${model}/versions/${version}/infer`
  const delivered = await forwardRequest(deps, live, { method: 'POST', path, headers, body, version }, signal)
  if (!delivered.ok) return { ...delivered, message: `${title}: ${delivered.message}` }
  const device = delivered.place?.device ?? ''
  const whole = await wholeAnswer(delivered.answer)
  if (whole === undefined)
    return failed(502, `${title}: the answer of ${device} broke off, or has over ${STAGE_BYTES_MAX} bytes`)
  const { status, headers: given } = delivered.answer
  if (status !== 200) return failed(status, `${title}: ${device} answered ${status}: ${errorIn(whole)}`)
  try {
    const length = given[LENGTH_HEADER]
    const outputs = readReply(
      { bytes: whole, jsonBytes: length === undefined ? undefined : Number(length) },
      sides.outputs,
    )
    return { ok: true, outputs, place: { device } }
  } catch (cause) {
    return failed(502, `${title}: ${device}: ${cause instanceof Error ? cause.message : cause}`)
  }
}

/** Undefined if it broke off, or is too long. */
async function wholeAnswer({ headers, start, rest }: PlaceAnswer): Promise<Buffer<ArrayBuffer> | undefined> {
  if (!rest) return Buffer.from(start)
  const isLong = Number(headers['content-length'] ?? 0) > STAGE_BYTES_MAX
  if (isLong) rest.destroy()
  const end = isLong ? undefined : await buffer(rest).catch(() => undefined)
  return end && Buffer.concat([start, end])
}

/** Advice to wait is of use to the caller only if waiting helps. */
const PASSING: readonly number[] = [429, 503]

const failed = (status: number, message: string): Refusal => ({
  ok: false,
  status,
  code: 'stage_failed',
  message,
  isPassing: PASSING.includes(status),
})

/** The words of an error of the Open Inference Protocol, or the beginning of the body. */
function errorIn(body: Buffer): string {
  const text = body.toString('utf8', 0, ERROR_MAX)
  const [, words] = /"error"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text) ?? []
  return words === undefined ? text : String(JSON.parse(words))
}

const ERROR_MAX = 4_096
