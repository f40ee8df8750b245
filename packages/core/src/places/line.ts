/**
 * Line: the bandwidth and the loss of the line to the hub, from the traffic that a device has anyway. A test of the line
 * would cost bytes, and on a metered line money. The results are steps, so that noise moves no replica.
 */
import type { DeviceLine } from '@skerry/contract/places/device-place'

/** A burst of arriving bytes. */
type Burst = { startMs: number; lastMs: number; bytes: number }

/** The bandwidths of the newest bursts, and the burst that goes on. */
export type Arrivals = { burst?: Burst; rates: readonly number[] }

/** A pause ends a burst: the hub or the disk was busy, and not the line. */
const PAUSE_MS = 1_000

/** Fewer bytes say more about the start of a TCP connection than about the line. */
const BURST_BYTES_MIN = 1_000_000

/** A burst is judged again after this time, so that a long download gives many rates. */
const BURST_MS_MAX = 10_000

/** After a pause, a buffer may arrive at once, faster than the line: a short burst says too much. */
const BURST_MS_MIN = 150

/** The newest bursts: some downloads. */
const RATES_MAX = 20

/** In megabits a second. Lines of one step count as equally fast. */
const BANDWIDTH_STEPS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]

/** The arrivals with a further piece of a download. The first piece of a burst only starts its time. */
export function withPiece({ burst, rates }: Arrivals, bytes: number, atMs: number): Arrivals {
  if (!burst || atMs - burst.lastMs > PAUSE_MS) return { burst: { startMs: atMs, lastMs: atMs, bytes: 0 }, rates }
  const longer = { ...burst, lastMs: atMs, bytes: burst.bytes + bytes }
  const ms = atMs - burst.startMs
  if (longer.bytes < BURST_BYTES_MIN || ms < BURST_MS_MIN) return { burst: longer, rates }
  const rate = (longer.bytes * 8) / 1_000 / ms
  // The same burst gives one rate until it is long.
  const others =
    burst.bytes < BURST_BYTES_MIN || burst.lastMs - burst.startMs < BURST_MS_MIN ? rates : rates.slice(0, -1)
  const now = [...others, rate].slice(-RATES_MAX)
  return ms > BURST_MS_MAX
    ? { burst: { startMs: atMs, lastMs: atMs, bytes: 0 }, rates: now }
    : { burst: longer, rates: now }
}

/** The highest rate counts: a busy hub or disk makes a download slower, and nothing makes it faster than the line. */
export function bandwidthOf({ rates }: Pick<Arrivals, 'rates'>): number | undefined {
  if (rates.length === 0) return undefined
  const highest = rates.reduce((high, rate) => Math.max(high, rate), 0)
  return BANDWIDTH_STEPS.findLast((step) => step <= highest) ?? BANDWIDTH_STEPS[0]
}

/** Segments of TCP connections since they began, by connection. */
export type Segments = ReadonlyMap<string, { sent: number; again: number }>

type Look = { sent: number; again: number }

/** The newest looks, with the segments since the look before each. */
export type LossLooks = readonly Look[]

/** With a look each minute, those of an hour. */
const LOOKS_MAX = 60

/** Fewer segments cannot show a loss of one in a hundred. */
const SEGMENTS_MIN = 200

/** In percent. Lines of one step count as equally good. */
const LOSS_STEPS = [0, 0.5, 1, 2, 5, 10, 20, 50, 100]

/** The looks with a further one. A connection that began since counts from its beginning. */
export function withLook(looks: LossLooks, before: Segments, now: Segments): LossLooks {
  let sent = 0
  let again = 0
  for (const [connection, segments] of now) {
    const known = before.get(connection)
    // A new connection may have the port of an old one.
    const old = known && known.sent <= segments.sent && known.again <= segments.again ? known : { sent: 0, again: 0 }
    sent += segments.sent - old.sent
    again += segments.again - old.again
  }
  return [...looks, { sent, again }].slice(-LOOKS_MAX)
}

/** Undefined if the device has sent too little to know. */
export function lossOf(looks: LossLooks): number | undefined {
  const sent = looks.reduce((sum, look) => sum + look.sent, 0)
  const again = looks.reduce((sum, look) => sum + look.again, 0)
  if (sent < SEGMENTS_MIN) return undefined
  const percent = (100 * again) / sent
  return LOSS_STEPS.find((step) => percent <= step) ?? 100
}

/** The measured facts, without the unknown ones. */
export function lineOf({ metered, bandwidthMbps, lossPercent }: Known): DeviceLine | undefined {
  const line: DeviceLine = {
    ...(metered !== undefined && { metered }),
    ...(bandwidthMbps !== undefined && { bandwidthMbps }),
    ...(lossPercent !== undefined && { lossPercent }),
  }
  return Object.keys(line).length === 0 ? undefined : line
}

type Known = { [Fact in keyof DeviceLine]: DeviceLine[Fact] | undefined }
