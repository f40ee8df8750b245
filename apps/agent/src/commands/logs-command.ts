/** Logs command: sends the newest lines of the agent's log to the hub. */
import type { CommandOf } from '@skerry/contract/devices/device-command'
import type { HubDownload } from '../hub/hub-download.ts'
import type { CommandResult } from './command-desk.ts'
import type { LogRing } from './log-ring.ts'
import { sendAnswer } from './send-answer.ts'

/** Does one. */
export async function sendLogs(
  { send, logs }: { send: HubDownload['send']; logs: LogRing },
  { id, level, limit }: CommandOf<'logs'>,
  signal: AbortSignal,
): Promise<CommandResult<'logs'>> {
  const { text, omittedCount } = logs.newest(level, limit)
  return (await sendAnswer(send, { id, text }, signal)) ?? { kind: 'logs', omittedCount }
}
