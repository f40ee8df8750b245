/** Logs command: sends the newest lines of the agent's log to the hub. */
import { Readable } from 'node:stream'
import type { CommandOf } from '@skerry/contract/device-command'
import type { HubDownload } from '../hub-download.ts'
import { type CommandResult, refuse } from './command-desk.ts'
import type { LogRing } from './log-ring.ts'

/** Does one. */
export async function sendLogs(
  { send, logs }: { send: HubDownload['send']; logs: LogRing },
  { id, level, limit }: CommandOf<'logs'>,
  signal: AbortSignal,
): Promise<CommandResult<'logs'>> {
  const { text, omittedCount } = logs.newest(level, limit)
  const bytes = Buffer.from(text)
  const content = { length: bytes.byteLength, stream: Readable.from([bytes]) }
  const kept = await send({ method: 'PUT', path: `/v1/device-commands/${id}/answer`, content }, signal)
  if (!kept.ok) return refuse('command_failed', `the device could not send its answer: ${kept.message}`)
  kept.stream.resume()
  if (kept.status === 404) return { kind: 'over' }
  if (kept.status === 200) return { kind: 'logs', omittedCount }
  return refuse('command_failed', `the hub did not take the answer (${kept.status})`)
}
