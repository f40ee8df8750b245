/** Watching: a command that looks at an object again and again, and prints a line for each change, until it ends. */
import { systemClock } from '@skerry/platform/process/clock'
import type { Session } from '../session.ts'

/** The objects that are watched so change every two seconds at most. */
const LOOK_MS = 1_000

/** `end` is called when the object has ended; it throws if that is a failure. Without it, the watch goes on. */
type Sight = { json: object; line: string; end?: (() => void) | undefined }

/** Prints each line that differs from the one before. */
export async function watchLines(session: Session, look: () => Promise<Sight>): Promise<void> {
  for (let last = ''; ; await systemClock.sleep(LOOK_MS, session.signal)) {
    const { json, line, end } = await look()
    if (line !== last) session.printEvent({ json, text: () => line })
    last = line
    if (end) return end()
  }
}
