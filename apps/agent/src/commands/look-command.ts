/** Look command: the state and values of a flow or a source in the runner, for a remote observer. */
import type { CommandOf } from '@skerry/contract/devices/device-command'
import { Look } from '@skerry/contract/hub/look'
import type { HubDownload } from '../hub/hub-download.ts'
import type { RunnerSources } from '../runner/runner-supervisor.ts'
import { type CommandResult, rejectCommand } from './command-desk.ts'
import { sendAnswer } from './send-answer.ts'
import { codeOf } from './tag-commands.ts'

/** Sends the look to the hub. */
export async function sendLook(
  { send, runner }: { send: HubDownload['send']; runner: Pick<RunnerSources, 'askSources'> },
  { id, at }: CommandOf<'look'>,
  signal: AbortSignal,
): Promise<CommandResult<'look'>> {
  const answer = await runner.askSources({ kind: 'look', at })
  if (!answer.ok) return rejectCommand(codeOf(answer), answer.message)
  const unsent = await sendAnswer(send, { id, text: JSON.stringify(Look.parse(answer.said)) }, signal)
  return unsent ?? { kind: 'look' }
}
