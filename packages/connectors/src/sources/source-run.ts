/** Source run: the loop of one source within its thread, the requests to it, and the readings that it hands over. */
import { EventEmitter, once } from 'node:events'
import type { Transferable } from 'node:worker_threads'
import { type Answerers, answerQuestion } from '@skerry/platform/process/asking'
import { systemClock } from '@skerry/platform/process/clock'
import { openLeaseGate } from '@skerry/platform/process/lease-gate'
import { type GroupReading, sizeOf } from '../reading.ts'
import { createSourceLoop } from './source-loop.ts'
import type { FromSource, SourceQuestions, SourceTask, ToSource } from './source-state.ts'

/** Messages that nobody has taken yet: a third of a second at 10 ms a round. Further messages are lost, and counted. */
const UNTAKEN_MAX = 32

/** Long enough to identify the error, short enough for a report. */
const REASON_MAX = 500

/** `handedOver`: buffers that move to the receiver, and are no longer usable here. */
type Say = (said: FromSource, handedOver?: Transferable[]) => void

export type RunLoop = {
  hear(message: ToSource): void
  tellFigures(): void
  /** The same as `threw` of the loop, which gives up its connection. */
  threw(cause: unknown): void
  /** Resolves with the reason for its end. It never rejects. */
  ended: Promise<string>
}

type Running = { answerers: Answerers<SourceQuestions>; say: Say; stop: AbortController; outbox: Outbox }

/** The loop begins to run at once. */
export function runSource({ source, secrets, stateFolder, gate }: SourceTask, say: Say): RunLoop {
  const outbox = createOutbox(say)
  const stop = new AbortController()
  const loop = createSourceLoop(source, {
    clock: systemClock,
    random: Math.random,
    secrets,
    stateFolder,
    gate: openLeaseGate(gate),
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
  /** Returns whether there was room for the reading. */
  take(reading: GroupReading): boolean
  taken(): void
  /** Resolves when there is room. Half of the room stays free for the groups that cannot wait. */
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

/** The buffers are moved, not copied, because the next round has arrays of its own. */
function handedOverWith({ numbers, receivedTimesMs, sourceTimesMs, images }: GroupReading): ArrayBuffer[] {
  const arrays = [numbers, receivedTimesMs, ...(sourceTimesMs ? [sourceTimesMs] : [])].map(({ buffer }) => buffer)
  const pixels = [...(images?.values() ?? [])].map(({ data }) => data.buffer)
  return [...(arrays as ArrayBuffer[]), ...(pixels as ArrayBuffer[])]
}
