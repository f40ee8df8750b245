/** Pipeline request: the body of a caller, read whole. A gateway does not read the bodies of other routes. */
import { Readable } from 'node:stream'
import { type FailureCode, HTTP_STATUS } from '../../host/failure.ts'
import { decoderFor } from '../../rest/body-encoding.ts'
import { type OipRequest, readOipRequest } from '../../rest/oip-request.ts'
import type { Refusal } from '../caller-check.ts'
import type { Forwarded } from '../forward.ts'
import { STAGE_BYTES_MAX } from './stage-call.ts'

/** The request, or the reason why it cannot be read. */
export async function readPipelineRequest({
  body,
  headers,
}: Pick<Forwarded, 'body' | 'headers'>): Promise<OipRequest | Refusal> {
  const bytes = await collect(body)
  if (bytes === undefined)
    return refuse(
      'body_too_large',
      `a pipeline takes bodies of up to ${STAGE_BYTES_MAX} bytes: send fewer rows at once`,
    )
  const decoder = decoderFor(headers['content-encoding'], STAGE_BYTES_MAX)
  if (!decoder.ok) return refuse(decoder.code, decoder.message)
  const decoded = decoder.value ? await decoder.value(bytes) : { ok: true as const, value: bytes }
  if (!decoded.ok) return refuse(decoded.code, decoded.message)
  const whole = new Uint8Array(decoded.value)
  const length = headers['inference-header-content-length']
  const end = length === undefined ? whole.byteLength : Number(length)
  if (!Number.isInteger(end) || end < 1 || end > whole.byteLength)
    return refuse(
      'input_invalid',
      'a pipeline takes JSON, or JSON with binary tensors behind it: Inference-Header-Content-Length must be the length of the JSON',
    )
  const read = readOipRequest(whole.subarray(0, end), length === undefined ? undefined : whole.subarray(end))
  return read.ok ? read : refuse(read.code, read.message)
}

async function collect(body: Forwarded['body']): Promise<Buffer | undefined> {
  if (body === undefined) return Buffer.alloc(0)
  if (!(body instanceof Readable)) return body.byteLength > STAGE_BYTES_MAX ? undefined : body
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > STAGE_BYTES_MAX) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

const refuse = (code: FailureCode, message: string): Refusal => ({
  ok: false,
  status: HTTP_STATUS[code],
  code,
  message,
})
