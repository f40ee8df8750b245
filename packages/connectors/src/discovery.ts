/**
 * Discovery: finds out what answers at a host that somebody names. One thing is asked at a time, with a pause: old equipment falls over where several ask,
 * and intrusion detection takes haste for an attack. Nothing is written, and no network is searched.
 */
import type { NumberAnswer, Said } from '@skerry/core/equipment/discovery'
import type { Clock } from '@skerry/platform/process/clock'
import { SourceTrouble } from './session.ts'

export const DISCOVERABLE = ['ethernet-ip', 'modbus', 'opcua', 's7', 'snmp'] as const
export type Discoverable = (typeof DISCOVERABLE)[number]

/** `numbers`: which unit ids or slots are tried; those that are usual, where nothing is said. */
export type Wish = {
  host: string
  port?: number | undefined
  numbers?: readonly number[] | undefined
  timeoutMs: number
}

/** `sure`: it said so in the protocol; `likely`: it spoke, and would not answer what was asked, or answers to anything. */
type Certainty = 'sure' | 'likely'

export type Found = {
  what: string
  where: string
  certainty: Certainty
  /** How a source connects to it. */
  connection: Readonly<Record<string, unknown>>
}

export type DiscoverDeps = { clock: Clock; onAsk: (asked: number, of: number) => void }

export type Discover = (wish: Wish, deps: DiscoverDeps, signal: AbortSignal) => Promise<Found[]>

/** Ten connections a second are none that a PLC notices. */
const PAUSE_MS = 100

/** Asks as one number after the other. Throws `SourceTrouble` where nobody can be connected to. */
export async function askEach(
  numbers: readonly number[],
  { clock, onAsk }: DiscoverDeps,
  ask: (number: number) => Promise<Said>,
  signal: AbortSignal,
): Promise<NumberAnswer[]> {
  const answers: NumberAnswer[] = []
  for (const number of numbers) {
    if (answers.length > 0) await clock.sleep(PAUSE_MS, signal)
    signal.throwIfAborted()
    onAsk(answers.length, numbers.length)
    answers.push({ number, said: await ask(number).catch(nobodyOf) })
  }
  return answers
}

/** Silence as one number says nothing of the next; a host that cannot be reached does. */
function nobodyOf(cause: unknown): Said {
  if (cause instanceof SourceTrouble && cause.code !== 'source_unreachable') return 'nobody'
  throw cause
}

/** Descriptions of some systems go on for a page. */
const TEXT_MAX = 200

/** What equipment says of itself, in one line, without what a terminal would obey. */
export const plainText = (text: string): string =>
  text
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, TEXT_MAX)
