/**
 * Alert answers: whether the answer of a person counts for an occurrence now. [ISA-18.2 10.7, 11.4] An acknowledgement
 * is for one occurrence: it ends with it. Shelving is for a time, and also counts for occurrences that begin in it.
 */
import type { Alert, AlertAnswer } from '@skerry/contract/alerts/alert'

type Given = { by: string; atMs: number; comment?: string }

/** All answers to one subject: an alarm of a device, or one of its sources or sinks. */
export type StoredAnswers = {
  /** With the begin of the occurrence. */
  acknowledged?: (Given & { sinceMs: number }) | undefined
  shelved?: (Given & { untilMs: number }) | undefined
}

/** The answer that counts for the occurrence that began at `sinceMs`. */
export function answerOf(
  { acknowledged, shelved }: StoredAnswers,
  { sinceMs, nowMs }: { sinceMs: number; nowMs: number },
): AlertAnswer | undefined {
  if (shelved && shelved.untilMs > nowMs) return { state: 'shelved', ...shelved }
  if (acknowledged?.sinceMs !== sinceMs) return undefined
  const { sinceMs: _, ...given } = acknowledged
  return { state: 'acknowledged', ...given }
}

/** Subjects with the same kind of answer are one alert. Open ones first. */
export function byAnswer<Subject extends { answer?: AlertAnswer | undefined }>(
  subjects: readonly Subject[],
): { state: AlertAnswer['state'] | undefined; group: Subject[]; answer: AlertAnswer | undefined }[] {
  return ([undefined, 'acknowledged', 'shelved'] as const).flatMap((state) => {
    const group = subjects.filter(({ answer }) => answer?.state === state)
    return group.length === 0 ? [] : [{ state, group, answer: newestOf(group) }]
  })
}

const newestOf = (group: readonly { answer?: AlertAnswer | undefined }[]): AlertAnswer | undefined =>
  group
    .flatMap(({ answer }) => (answer ? [answer] : []))
    .toSorted((a, b) => b.atMs - a.atMs)
    .at(0)

/** The alert with its answer. An alert for many subjects has an id of its own for each kind of answer. */
export function answeredAlert(alert: Alert, answer: AlertAnswer | undefined, isForMany: boolean): Alert {
  if (!answer) return alert
  return { ...alert, id: isForMany ? `${alert.id}:${answer.state}` : alert.id, answer }
}

/** `acknowledged by anna at 10:30, "I go there"`, or `shelved by anna until 18:00, "the line is rebuilt"`. */
export function answerText(
  { state, by, atMs, comment, untilMs }: AlertAnswer,
  timeText: (ms: number) => string | undefined,
): string {
  const time = untilMs === undefined ? `at ${timeText(atMs)}` : `until ${timeText(untilMs)}`
  return `${state} by ${by} ${time}${comment === undefined ? '' : `, "${comment}"`}`
}
