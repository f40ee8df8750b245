/** Local lines: prints the lines of the containers of a local run as they arrive. */
import type { AppLogLine } from '@skerry/contract/apps/app-log'
import type { Engine } from '@skerry/platform/containers/engine'
import { createLineReader } from '@skerry/platform/containers/log-lines'
import type { Session } from '../../../program/session.ts'

export type LinePrinter = Disposable & {
  /** Prints the lines of the container of the service, from its start on. */
  follow(service: string, container: string): void
  /** Resolves when the lines that are there now have been printed. */
  rest(): Promise<void>
}

/** The last lines of an ended container arrive at once. A running container is read no longer than this. */
const REST_MS = 1_000

export function printLines(engine: Engine, session: Session): LinePrinter {
  const ending = new AbortController()
  const signal = AbortSignal.any([ending.signal, session.signal])
  const following: Promise<void>[] = []
  const print = (lines: readonly AppLogLine[]) => {
    for (const line of lines) {
      session.printEvent({ json: line, text: () => `${session.style.bold(line.service)} ${line.text}` })
    }
  }
  const read = async (service: string, container: string) => {
    const reader = createLineReader(service)
    for await (const piece of await engine.logs(container, { follow: true }, signal)) print(reader.take(piece))
    print(reader.end())
  }
  return {
    // The lines of a container end with it. A lost engine shows at the next look.
    follow: (service, container) => void following.push(read(service, container).catch(() => undefined)),
    async rest() {
      const timer = setTimeout(() => ending.abort(), REST_MS)
      await Promise.all(following)
      clearTimeout(timer)
    },
    [Symbol.dispose]: () => ending.abort(),
  }
}
