/**
 * Rollout watch: follows a rollout to its end: bars that move on a terminal, a line for each change elsewhere, JSON
 * lines for programs.
 */
import type { SkerryClient } from '@skerry/client/client'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import type { RolloutId } from '@skerry/contract/values/ids'
import { failureCommands, failureReason } from '@skerry/core/deployments/rollout-failures'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { pauseWords, resumeCommand } from '@skerry/core/rollouts/views/pause-words'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { lastingStream } from '../../program/terminal/lasting-stream.ts'
import { quietHint } from './quiet-hint.ts'
import { rolloutLine, rolloutText } from './rollout-view.ts'

type Watched = { client: SkerryClient; rollout: RolloutId; throughPauses: boolean }

/** Shows the rollout until it needs nobody any more. Throws `rollout_unfinished` if it did not end well. */
export async function watchRollout({ client, rollout, throughPauses }: Watched, session: Session): Promise<void> {
  const { signal } = session
  const show = rolloutDisplay(session)
  using quiet = quietHint((text) => session.note(session.style.dim(text)))
  let last: Rollout | undefined
  const events = { open: () => client.rollout.watch({ rollout }, { signal }), isLast: isEnded }
  for await (const event of lastingStream<Rollout>(events, session)) {
    last = event
    show(event)
    quiet.heard(event)
    if (event.status === 'paused' && !throughPauses) break
  }
  signal.throwIfAborted()
  if (last?.status === 'done') return
  const { deployment, status, reason } = last ?? { deployment: rollout, status: 'silent' }
  const because = (last && pauseWords(last)) ?? reason
  const why = because === undefined ? '' : `: ${because}`
  throw fail('rollout_unfinished', `the rollout of ${deployment} is ${status}${why}`, last && evidenceOf(last))
}

/** The failed devices with their reasons, and the next step. */
function evidenceOf(rollout: Rollout): { next?: string; data?: unknown } {
  const { deployment, status, failures = [] } = rollout
  const commands = failureCommands(rollout).map((text) => `"${text}"`)
  const pausedNext = `look at "skerry rollout show ${deployment}", then resume, abort or roll back`
  const resume = resumeCommand(rollout)
  const calm = resume === undefined ? pausedNext : `"${resume}"`
  const next = commands.length > 0 ? commands.join(', or ') : status === 'paused' ? calm : undefined
  const issues = failures.map((failure) => ({ path: [failure.device], message: failureReason(failure) }))
  return { ...(next !== undefined && { next }), ...(issues.length > 0 && { data: { issues } }) }
}

/** Returns a function that shows an event in the way that fits the output. */
function rolloutDisplay(session: Session): (rollout: Rollout) => void {
  const { io, isJson } = session
  if (isJson) return (rollout) => session.printEvent({ json: rollout, text: () => rolloutLine(rollout) })
  if (!io.stdout.isTTY) return newLines(session)
  let drawnLines = 0
  return (rollout) => {
    const text = rolloutText(rollout, session)
    // Moves up to the start of the last drawing, and clears it.
    const home = drawnLines === 0 ? '' : `\u001b[${drawnLines}A\u001b[J`
    drawnLines = text.split('\n').length
    io.stdout.write(`${home}${text}\n`)
  }
}

/** Some changes in a device's row change none of the line's numbers. The command does not print the same line twice. */
function newLines(session: Session): (rollout: Rollout) => void {
  let last: string | undefined
  return (rollout) => {
    const line = rolloutLine(rollout)
    if (line !== last) session.printEvent({ json: rollout, text: () => line })
    last = line
  }
}
