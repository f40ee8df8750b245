/**
 * Source commands: browsing the equipment of a source, testing a source that is not set, and restarting one. The runner
 * does all of it.
 */
import { buffer } from 'node:stream/consumers'
import { BROWSE_ENTRIES_MAX, BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { ConnectionState } from '@skerry/contract/connections/connection'
import { type CommandOf, SourceTestShape, TAGS_READ_MAX, TagReading } from '@skerry/contract/devices/device-command'
import { digestOf } from '@skerry/platform/files/hash'
import * as z from 'zod'
import type { HubDownload } from '../hub/hub-download.ts'
import type { RunnerSources } from '../runner/runner-supervisor.ts'
import { type CommandResult, rejectCommand } from './command-desk.ts'
import { fetchQuestion } from './fetch-question.ts'
import { sendAnswer } from './send-answer.ts'
import { codeOf } from './tag-commands.ts'

type Runner = Pick<RunnerSources, 'askSources'>
type Means = { send: HubDownload['send']; runner: Runner }

const Level = z.object({ entries: z.array(BrowseEntry).max(BROWSE_ENTRIES_MAX), omittedCount: z.int().min(0) })

/** Sends one level to the hub. */
export async function browseSource(
  { send, runner }: Means,
  { id, source, path, after }: CommandOf<'browse-source'>,
  signal: AbortSignal,
): Promise<CommandResult<'browse-source'>> {
  const answer = await runner.askSources({ kind: 'browse-source', source, path, after })
  if (!answer.ok) return rejectCommand(codeOf(answer), answer.message)
  const { entries, omittedCount } = Level.parse(answer.said)
  const unsent = await sendAnswer(send, { id, text: JSON.stringify(entries) }, signal)
  return unsent ?? { kind: 'browse-source', omittedCount }
}

const Tried = z.object({ ...SourceTestShape, readings: z.array(TagReading).max(TAGS_READ_MAX) })

/** Fetches the configuration of a source, and sends the values of its tags to the hub. */
export async function testSource(
  { send, runner }: Means,
  { id, tags, waitMs, digest }: CommandOf<'test-source'>,
  signal: AbortSignal,
): Promise<CommandResult<'test-source'>> {
  const question = await fetchQuestion(send, { id, what: 'the definition of the source' }, signal)
  if (question.kind !== 'bytes') return question
  const text = (await buffer(question.stream)).toString('utf8')
  if (digestOf(text) !== digest)
    return rejectCommand('command_failed', 'the source differs from the one that the hub signed; try again')
  const answer = await runner.askSources({ kind: 'test-source', text, tags, waitMs })
  if (!answer.ok) return rejectCommand(codeOf(answer), answer.message)
  const { readings, ...outcome } = Tried.parse(answer.said)
  const unsent = await sendAnswer(send, { id, text: JSON.stringify(readings) }, signal)
  return unsent ?? { kind: 'test-source', ...outcome }
}

/** A second restart does no harm. */
export async function restartSource(
  runner: Runner,
  { source }: CommandOf<'restart-source'>,
): Promise<CommandResult<'restart-source'>> {
  const answer = await runner.askSources({ kind: 'restart-source', source })
  if (!answer.ok) return rejectCommand(codeOf(answer), answer.message)
  return { kind: 'restart-source', before: ConnectionState.parse(answer.said) }
}
