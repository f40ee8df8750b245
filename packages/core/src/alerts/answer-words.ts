/** Answer words: the answer of a person to an alert, as one line. */
import type { AlertAnswer } from '@skerry/contract/alerts/alert'

/** `acknowledged by anna at 10:30, "I go there"`, or `shelved by anna until 18:00, "the line is rebuilt"`. */
export function answerText(
  { state, by, atMs, comment, untilMs }: AlertAnswer,
  timeText: (ms: number) => string,
): string {
  const time = untilMs === undefined ? `at ${timeText(atMs)}` : `until ${timeText(untilMs)}`
  return `${state} by ${by} ${time}${comment === undefined ? '' : `, "${comment}"`}`
}
