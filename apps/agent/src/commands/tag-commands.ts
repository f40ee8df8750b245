/**
 * Tag commands: reading the tags of a source in the runner, and writing one. The source judges the write, not the hub
 * and not this code.
 */
import { type CommandOf, CommandRefusalCode, TAGS_READ_MAX, TagReading } from '@skerry/contract/devices/device-command'
import { TagValue } from '@skerry/contract/sources/tag'
import * as z from 'zod'
import type { HubDownload } from '../hub/hub-download.ts'
import type { RunnerAnswer } from '../runner/runner-message.ts'
import type { RunnerSources } from '../runner/runner-supervisor.ts'
import { type CommandResult, rejectCommand } from './command-desk.ts'
import { sendAnswer } from './send-answer.ts'

type Runner = Pick<RunnerSources, 'askSources'>
type Refused = Extract<RunnerAnswer, { ok: false }>

const Said = z.object({ readings: z.array(TagReading).max(TAGS_READ_MAX), omittedCount: z.int().min(0) })

/** Sends the values of the tags to the hub. */
export async function sendTags(
  { send, runner }: { send: HubDownload['send']; runner: Runner },
  { id, source, tags }: CommandOf<'read-tags'>,
  signal: AbortSignal,
): Promise<CommandResult<'read-tags'>> {
  const answer = await runner.askSources({ kind: 'tags', source, tags })
  if (!answer.ok) return rejectCommand(codeOf(answer), answer.message)
  const { readings, omittedCount } = Said.parse(answer.said)
  const unsent = await sendAnswer(send, { id, text: JSON.stringify(readings) }, signal)
  return unsent ?? { kind: 'read-tags', omittedCount }
}

/** The message itself carries the previous value, and must stay small. */
const BEFORE_CHARACTERS_MAX = 4_000

const Before = TagValue.refine((value) => JSON.stringify(value).length <= BEFORE_CHARACTERS_MAX)

/** Writes once. After any outcome of the request, it is not repeated. */
export async function writeTag(
  runner: Runner,
  { source, tag, value }: CommandOf<'write-tag'>,
): Promise<CommandResult<'write-tag'>> {
  const answer = await runner.askSources({ kind: 'write-tag', source, tag, value })
  if (answer.ok) {
    const before = Before.safeParse(answer.said).data
    return { kind: 'write-tag', ...(before && { before }) }
  }
  // The runner may have written before it ended.
  if (answer.code === 'runner_gone')
    return rejectCommand('write_unverified', `${answer.message}; read the tag before you do anything else`)
  return rejectCommand(JUDGED.has(answer.code) ? 'write_refused' : codeOf(answer), answer.message)
}

/** The codes of a source for a write that it does not even try. */
const JUDGED: ReadonlySet<string> = new Set(['tag_read_only', 'tag_range', 'tag_rate', 'tag_type'])

/** The same code, if the hub knows it. A runner that is gone will be back in a moment. */
export const codeOf = ({ code }: Refused): CommandRefusalCode =>
  code === 'runner_gone' ? 'device_busy' : CommandRefusalCode.parse(code)
