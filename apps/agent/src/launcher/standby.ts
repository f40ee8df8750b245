/**
 * Standby: the next version of the agent, started beside the running one. It loads its code, and waits on its standard
 * input for its turn. So the time without an agent does not contain the start of a process. At most one version stands
 * by, and it opens neither files of the device nor ports until its turn.
 */
import type { ChildProcess } from 'node:child_process'
import { dropStandby, readStandby } from './launch-files.ts'

type StandbyDeps = {
  root: string
  /** Starts the version with a pipe as its standard input. */
  start(digest: string): ChildProcess
  /** A version that uses too much memory ends. */
  isTooLarge(pid: number | undefined): boolean
  log(event: string, fields: object): void
}

type Standby = {
  /** Starts the version of the note. Another one that stood by ends. */
  prepare(): void
  /** The turn of this version has come: the process that stood by, if there is one. Another version that stood by ends. */
  take(digest: string): ChildProcess | undefined
  /** Ends the version that stands by. */
  dismiss(): void
}

/** The version reads this line when its turn has come. */
export const TURN = 'turn\n'

/** In milliseconds. The running version waits half as long, and then ends with or without a version that stands by. */
const LIMIT_MS = 60_000
const LOOK_MS = 500

type Held = { digest: string; child: ChildProcess; watch: NodeJS.Timeout }

/** Notes of an earlier launcher are dropped. */
export function createStandby({ root, start, isTooLarge, log }: StandbyDeps): Standby {
  let held: Held | undefined
  dropStandby(root)

  function dismiss(): void {
    release()?.child.kill('SIGKILL')
    dropStandby(root)
  }

  function release(): Held | undefined {
    const own = held
    clearInterval(own?.watch)
    held = undefined
    return own
  }

  function hold(digest: string): void {
    const child = start(digest)
    const endMs = performance.now() + LIMIT_MS
    const watch = setInterval(() => {
      if (isTooLarge(child.pid) || performance.now() > endMs) dismiss()
    }, LOOK_MS)
    const own = { digest, child, watch }
    held = own
    const ended = () => {
      if (held !== own) return
      log('standby_ended', { digest, code: child.exitCode, signal: child.signalCode })
      release()
      dropStandby(root)
    }
    child.on('error', ended)
    child.on('exit', ended)
    // [pipe(7)] The line to a version that has just ended is lost, and its end is an event of its own.
    child.stdin?.on('error', () => {})
    log('standby_started', { digest })
  }

  return {
    prepare() {
      release()?.child.kill('SIGKILL')
      const digest = readStandby(root)
      if (digest === undefined) dropStandby(root)
      else hold(digest)
    },
    take(digest) {
      const own = release()
      dropStandby(root)
      if (own?.digest === digest) {
        own.child.stdin?.end(TURN)
        return own.child
      }
      own?.child.kill('SIGKILL')
      return undefined
    },
    dismiss,
  }
}
