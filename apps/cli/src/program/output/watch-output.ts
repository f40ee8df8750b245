/** Watch output: runs a command that lists again and again, and prints its result when it differs from the last one. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Io } from '../terminal/io.ts'

/** A person sees a change soon, and one list of a large fleet every two seconds costs the hub little. */
const EVERY_MS = 2_000

/** Moves to the first column of the first line, and clears everything below. [ECMA-48, CUP and ED] */
const HOME = '\u001b[H\u001b[2J'

/** Returns when the signal aborts. A failure of the command ends the watch. */
export async function watchOutput(
  runOnce: (io: Io) => Promise<void>,
  { io, signal }: { io: Io; signal: AbortSignal },
): Promise<void> {
  let last: string | undefined
  while (!signal.aborted) {
    const pieces: string[] = []
    const stdout = { ...io.stdout, write: (text: string) => void pieces.push(text) }
    await runOnce({ ...io, stdout })
    const text = pieces.join('')
    if (text !== last) io.stdout.write(io.stdout.isTTY ? `${HOME}${text}` : text)
    last = text
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}
