/** Simulator session: equipment that is not there. Its values follow the clock and a seed, and what is written stays. */

import { readingOf } from '@skerry/connectors/reading'
import type { OpenSession, Session } from '@skerry/connectors/session'
import { badValue, tagValue } from '@skerry/connectors/value'
import type { SimulatorSource } from '@skerry/contract/source'
import type { SimulatorTag, Waveform } from '@skerry/contract/source-simulator'
import type { TagContent, TagValue } from '@skerry/contract/tag'
import { assertNever } from '@skerry/core/assert-never'

type Simulated = {
  written: Map<string, TagContent>
  walks: Map<string, number>
  random: () => number
}

/** There is nothing to connect to. */
export const openSimulator: OpenSession<SimulatorSource> = async (source, { clock }, signal): Promise<Session> => {
  signal.throwIfAborted()
  const it: Simulated = { written: new Map(), walks: new Map(), random: seeded(source.connection.seed) }
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  return {
    async read(group) {
      const nowMs = clock.nowMs()
      const values = group.tags.flatMap(({ name }) => {
        const tag = tags.get(name)
        return tag ? [readTag(it, tag, nowMs)] : []
      })
      return readingOf(values)
    },
    async write(name, value) {
      if (!tags.has(name)) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${name}` }
      it.written.set(name, value)
      return { ok: true }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function readTag(it: Simulated, tag: SimulatorTag, nowMs: number): TagValue {
  const isFaulty = it.random() < tag.faultShare
  const written = it.written.get(tag.name)
  if (isFaulty) return badValue(tag.name, { code: 'simulated_fault', message: 'a fault, as asked for' }, nowMs)
  // What was written is a value already; what is made up is what the equipment would give.
  if (written !== undefined) return { tag: tag.name, quality: 'good', value: written, receivedTimeMs: nowMs }
  return tagValue(tag, { value: signalAt(it, tag, nowMs), isInexact: false }, nowMs)
}

function signalAt(it: Simulated, { name, signal }: SimulatorTag, nowMs: number): TagContent {
  switch (signal.kind) {
    case 'constant':
      return signal.value
    case 'sine':
      return signal.mean + signal.amplitude * Math.sin(2 * Math.PI * phaseOf(nowMs, signal.periodSeconds))
    case 'ramp':
      return signal.from + (signal.to - signal.from) * phaseOf(nowMs, signal.periodSeconds)
    case 'walk': {
      const next = walkOn(it.walks.get(name) ?? signal.start, signal, it.random())
      it.walks.set(name, next)
      return next
    }
    default:
      return assertNever(signal)
  }
}

const phaseOf = (nowMs: number, periodSeconds: number) => (nowMs / 1_000 / periodSeconds) % 1

const walkOn = (from: number, { step, min, max }: Extract<Waveform, { kind: 'walk' }>, random: number) =>
  Math.min(max, Math.max(min, from + step * (2 * random - 1)))

/** [Marsaglia, "Xorshift RNGs", 2003] Good enough to look like noise, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = (seed ^ 0x9e37_79b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    return state / 2 ** 32
  }
}
