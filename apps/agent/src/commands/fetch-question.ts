/** Fetch question: the bytes that belong to a command of the hub, as a stream. */
import type { IncomingMessage } from 'node:http'
import type { CommandRefusalCode } from '@skerry/contract/devices/device-command'
import type { CommandId } from '@skerry/contract/values/ids'
import { problemOf } from '@skerry/platform/network/https-client'
import type { HubDownload } from '../hub/hub-download.ts'
import { rejectCommand } from './command-desk.ts'

type Fetched =
  | { kind: 'bytes'; stream: IncomingMessage }
  | { kind: 'over' }
  | { kind: 'refused'; code: CommandRefusalCode; message: string }

/** `what`: the name of the bytes, in words. */
export async function fetchQuestion(
  send: HubDownload['send'],
  { id, what }: { id: CommandId; what: string },
  signal: AbortSignal,
): Promise<Fetched> {
  const question = await send({ path: `/v1/device-commands/${id}` }, signal)
  if (!question.ok) return rejectCommand('command_failed', `the device could not fetch ${what}: ${question.message}`)
  if (question.status === 200) return { kind: 'bytes', stream: question.stream }
  if (question.status === 404) {
    question.stream.destroy()
    return { kind: 'over' }
  }
  const { message } = await problemOf(question, signal)
  return rejectCommand('command_failed', `the device could not fetch ${what}: ${message}`)
}
