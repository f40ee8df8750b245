/** Decoder: ffmpeg, which writes whole pictures to a pipe. */
import { type ChildProgram, startChildProgram } from '@skerry/connectors/child-program'
import { SourceTrouble, type TroubleCode } from '@skerry/connectors/session'
import { type DecoderOrder, decoderWords } from './decoder-order.ts'

/** Undefined if ffmpeg reached the end of its input. */
export type Decoder = ChildProgram<SourceTrouble | undefined>

/** Starts ffmpeg. `onBytes` receives each piece of its output. */
export const startDecoder = (order: DecoderOrder, onBytes: (bytes: Uint8Array) => void): Decoder =>
  startChildProgram({ command: 'ffmpeg', from: 'ffmpeg', ...order }, onBytes, (code, said) =>
    code === 0 ? undefined : endedBy(said),
  )

/** [RFC 2326, 7.1.1] */
const REASONS: readonly [RegExp, TroubleCode, string][] = [
  [/\b401\b|\b403\b/, 'source_refused', 'the camera rejects the sign-in; check user and password'],
  [/\b404\b/, 'source_unreachable', 'the camera has no such stream; check the path of its address'],
  [/connection refused|no route|unreachable|timed out|resolve/i, 'source_unreachable', 'the camera cannot be reached'],
]

function endedBy(said: string): SourceTrouble {
  const words = decoderWords(said)
  const [, code, message] = REASONS.find(([pattern]) => pattern.test(said)) ?? []
  if (code) return new SourceTrouble(code, `${message} (${words})`)
  return new SourceTrouble('source_lost', `the decoder ended: ${words || 'no reason given'}`)
}
