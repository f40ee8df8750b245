/** [RFC 9110, content codings] Bodies that come compressed: which codings are known, and how one is undone within a limit. */
import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { type Failure, fail } from '../host/failure.ts'
import type { Read } from './oip-parameter.ts'

export type Decode = (bytes: Uint8Array) => Promise<Read<Uint8Array>>

/** What an answer says of the codings that it would have taken. */
export const CODINGS = 'gzip, deflate'

const UNDO = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate) }

/** How the body of this Content-Encoding is decoded to at most `bytesMax`; undefined when it needs no decoding. */
export function decoderFor(encoding: string | undefined, bytesMax: number): Read<Decode | undefined> {
  const coding = (encoding ?? 'identity').trim().toLowerCase()
  if (coding === 'identity') return { ok: true, value: undefined }
  if (!isKnown(coding)) return fail('encoding_unsupported', `send the body plain, or with one encoding of ${CODINGS}`)
  return {
    ok: true,
    async value(bytes) {
      try {
        return { ok: true, value: await UNDO[coding](bytes, { maxOutputLength: bytesMax }) }
      } catch (cause) {
        return failureOf(cause, coding, bytesMax)
      }
    },
  }
}

const isKnown = (coding: string): coding is keyof typeof UNDO => Object.hasOwn(UNDO, coding)

/** A kilobyte can stand for a megabyte: the rest of it is never written anywhere. */
function failureOf(cause: unknown, coding: string, bytesMax: number): Failure {
  const isTooLarge = cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
  if (isTooLarge) return fail('body_too_large', `the decoded body is over ${bytesMax} bytes: send less at a time`)
  return fail('input_invalid', `the body is not ${coding}, as its Content-Encoding says`)
}
