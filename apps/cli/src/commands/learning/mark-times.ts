/** The time of a mark, and its request. */
import type { MarkKind } from '@skerry/contract/learning/mark'
import { systemClock } from '@skerry/platform/process/clock'
import { needed, value } from '../../program/command.ts'
import type { Session } from '../../program/session.ts'
import { instantOf, type Moment, parseMoment } from '../../program/values.ts'

export const MARK_TIMES = {
  from: needed('--from <time>', 'the beginning: an instant, or a time ago such as 2h', parseMoment),
  to: value('--to <time>', 'the end; now by default', parseMoment),
}

type Marking = { name: string; kind: MarkKind; from: Moment; to: Moment | undefined; reason: string }

export async function markTime({ name, kind, from, to, reason }: Marking, session: Session): Promise<void> {
  const { client } = await session.hub()
  const nowMs = Math.floor(systemClock.nowMs())
  const fromMs = Math.floor(instantOf(from, nowMs) ?? nowMs)
  const toMs = Math.floor(instantOf(to, nowMs) ?? nowMs)
  const learning = await client.learning.mark({ name, kind, fromMs, toMs, reason }, { signal: session.signal })
  const what = kind === 'normal' ? 'counts as normal' : 'is left out'
  session.print({
    json: learning,
    text: () =>
      `the time ${what} in the next learning of ${name}; running detectors stay as they are, and "skerry learn show ${name}" lists the marks`,
  })
}
