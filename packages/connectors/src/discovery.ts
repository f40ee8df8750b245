/**
 * Discovery: finds the devices that answer at a host that a person names. It sends one request at a time, with a pause.
 * Old equipment fails under parallel requests, and intrusion detection takes fast requests for an attack. It writes
 * nothing, and searches no network.
 */
import type { NumberAnswer, Said } from '@skerry/core/equipment/discovery'
import type { Clock } from '@skerry/platform/process/clock'
import { SourceTrouble } from './session.ts'

export const DISCOVERABLE = ['ethernet-ip', 'modbus', 'opcua', 's7', 'snmp'] as const
export type Discoverable = (typeof DISCOVERABLE)[number]

/** `numbers`: the unit ids or slots to try. The usual ones are tried if it is absent. */
export type DiscoveryWish = {
  host: string
  port?: number | undefined
  numbers?: readonly number[] | undefined
  timeoutMs: number
}

/**
 * `sure`: the equipment confirmed it in the protocol. `likely`: it answered, but rejected the request, or it answers
 * every request.
 */
type Certainty = 'sure' | 'likely'

export type Found = {
  what: string
  where: string
  certainty: Certainty
  /** How a source connects to it. */
  connection: Readonly<Record<string, unknown>>
}

export type DiscoverDeps = { clock: Clock; onAsk: (asked: number, of: number) => void }

export type Discover = (wish: DiscoveryWish, deps: DiscoverDeps, signal: AbortSignal) => Promise<Found[]>

/** A PLC does not notice ten connections a second. */
const PAUSE_MS = 100

/** Sends the request with one number after the other. Throws `SourceTrouble` if no connection is possible. */
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

/** Silence for one number is no evidence about the next number. An unreachable host is. */
function nobodyOf(cause: unknown): Said {
  if (cause instanceof SourceTrouble && cause.code !== 'source_unreachable') return 'nobody'
  throw cause
}

/** Descriptions of some systems are a page long. */
const TEXT_MAX = 200

/** The text that equipment sends about itself, in one line, without control characters that a terminal would obey. */
export const plainText = (text: string): string =>
  text
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, TEXT_MAX)
