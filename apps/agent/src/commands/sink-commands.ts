/** Sink commands: a test of a sink that need not be set. The runner does it. */
import { buffer } from 'node:stream/consumers'
import type { CommandOf } from '@skerry/contract/devices/device-command'
import { SinkTrial } from '@skerry/contract/sinks/sink-trial'
import { digestOf } from '@skerry/platform/files/hash'
import type { HubDownload } from '../hub/hub-download.ts'
import type { RunnerSources } from '../runner/runner-supervisor.ts'
import { type CommandResult, rejectCommand } from './command-desk.ts'
import { fetchQuestion } from './fetch-question.ts'
import { codeOf } from './tag-commands.ts'

type Means = { send: HubDownload['send']; runner: Pick<RunnerSources, 'askSources'> }

/** Fetches the configuration of a sink, and reports how far its test came. */
export async function testSink(
  { send, runner }: Means,
  { id, digest, isSent, waitMs }: CommandOf<'test-sink'>,
  signal: AbortSignal,
): Promise<CommandResult<'test-sink'>> {
  const question = await fetchQuestion(send, { id, what: 'the definition of the sink' }, signal)
  if (question.kind !== 'bytes') return question
  const text = (await buffer(question.stream)).toString('utf8')
  if (digestOf(text) !== digest)
    return rejectCommand('command_failed', 'the sink differs from the one that the hub signed; try again')
  const answer = await runner.askSources({ kind: 'test-sink', text, isSent, waitMs })
  if (!answer.ok) return rejectCommand(codeOf(answer), answer.message)
  return { kind: 'test-sink', ...SinkTrial.parse(answer.said) }
}
