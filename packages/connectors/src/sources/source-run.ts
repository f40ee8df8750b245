/** Source run: the loop of one source within its thread, what is asked of it, and what it hands over. */
import { EventEmitter, once } from 'node:events'
import type { Transferable } from 'node:worker_threads'
import { type Answerers, answerQuestion } from '@skerry/platform/process/asking'
import { systemClock } from '@skerry/platform/process/clock'
import { type GroupReading, sizeOf } from '../reading.ts'
import { createSourceLoop } from './source-loop.ts'
import type { FromSource, SourceQuestions, SourceTask, ToSource } from './source-state.ts'

/** Messages that nobody has taken yet: at 10 ms a round, a third of a second's. What comes then is lost, and counted. */
const UNTAKEN_MAX = 32

/** Long enough to say what it was, short enough for a report. */
const REASON_MAX = 500

/** What is handed over is gone here. */
type Say = (said: FromSource, handedOver?: Transferable[]) => void

export type RunLoop = {
  hear(message: ToSource): void
  tellFigures(): void
  /** As the loop's: its connection is given up. */
  threw(cause: unknown): void
  /** Resolves with why; it never rejects. */
  ended: Promise<string>
}

type Running = { answerers: Answerers<SourceQuestions>; say: Say; stop: AbortController; outbox: Outbox }

/** Begins at once. */
export function runSource({ source, secrets, stateFolder }: SourceTask, say: Say): RunLoop {
  const outbox = createOutbox(say)
  const stop = new AbortController()
  const loop = createSourceLoop(source, {
    clock: systemClock,
    random: Math.random,
    secrets,
    stateFolder,
    room: outbox.room,
    onReading: outbox.take,
    onState: (state) => say({ kind: 'state', state }),
  })
  const answerers: Answerers<SourceQuestions> = {
    write: ({ tag, value }) => loop.write(tag, value, stop.signal),
    browse: (path) => loop.browse(path, stop.signal),
  }
  let fault: unknown
  return {
    hear: (message) =>
      void obey({ answerers, say, stop, outbox }, message).catch((error: unknown) => {
        fault = error
        stop.abort()
      }),
    tellFigures: () => say({ kind: 'figures', figures: loop.figures(), lost: outbox.lost() }),
    threw: loop.threw,
    ended: loop.run(stop.signal).then(
      () => 'it ended',
      (error: unknown) => reasonOf(fault ?? error),
    ),
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, REASON_MAX)

async function obey({ answerers, say, stop, outbox }: Running, message: ToSource): Promise<void> {
  switch (message.kind) {
    case 'taken':
      return outbox.taken()
    case 'stop':
      return stop.abort()
    case 'question':
      return answerQuestion(answerers, message, say)
  }
}

type Outbox = {
  /** Whether there was room for it. */
  take(reading: GroupReading): boolean
  taken(): void
  /** Resolves when there is room: half of what may be untaken is left to the groups that cannot wait. */
  room(signal: AbortSignal, most?: number): Promise<void>
  lost(): number
}

function createOutbox(say: Say): Outbox {
  let untaken = 0
  let lost = 0
  const takings = new EventEmitter()
  return {
    take(reading) {
      if (untaken >= UNTAKEN_MAX) {
        lost += sizeOf(reading)
        return false
      }
      untaken += 1
      say({ kind: 'reading', reading }, handedOverWith(reading))
      return true
    },
    taken() {
      untaken -= 1
      takings.emit('taken')
    },
    async room(signal, most = UNTAKEN_MAX / 2) {
      while (untaken > most) await once(takings, 'taken', { signal })
    },
    lost: () => lost,
  }
}

/** Not copied: the next round has arrays of its own. */
function handedOverWith({ numbers, receivedTimesMs, sourceTimesMs, images }: GroupReading): ArrayBuffer[] {
  const arrays = [numbers, receivedTimesMs, ...(sourceTimesMs ? [sourceTimesMs] : [])].map(({ buffer }) => buffer)
  const pixels = [...(images?.values() ?? [])].map(({ data }) => data.buffer)
  return [...(arrays as ArrayBuffer[]), ...(pixels as ArrayBuffer[])]
}
