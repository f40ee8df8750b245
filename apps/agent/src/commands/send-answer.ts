/** Send answer: sends the bytes of an answer to the hub, before the answer itself. */
import { Readable } from 'node:stream'
import { COMMAND_BYTES_MAX, type CommandRefusalCode } from '@skerry/contract/devices/device-command'
import type { CommandId } from '@skerry/contract/values/ids'
import type { HubDownload } from '../hub/hub-download.ts'
import { rejectCommand } from './command-desk.ts'

type Unsent = { kind: 'over' } | { kind: 'refused'; code: CommandRefusalCode; message: string }

/** Undefined once the hub has the bytes. Otherwise the answer to give instead. */
export async function sendAnswer(
  send: HubDownload['send'],
  { id, text }: { id: CommandId; text: string },
  signal: AbortSignal,
): Promise<Unsent | undefined> {
  const bytes = Buffer.from(text)
  if (bytes.byteLength > COMMAND_BYTES_MAX) return rejectCommand('answer_too_large', 'it is over 32 MiB; request less')
  const content = { length: bytes.byteLength, stream: Readable.from([bytes]) }
  const kept = await send({ method: 'PUT', path: `/v1/device-commands/${id}/answer`, content }, signal)
  if (!kept.ok) return rejectCommand('command_failed', `the device could not send its answer: ${kept.message}`)
  kept.stream.resume()
  if (kept.status === 404) return { kind: 'over' }
  return kept.status === 200
    ? undefined
    : rejectCommand('command_failed', `the hub did not accept the answer (${kept.status})`)
}
