/**
 * Forward: one request of a caller to a place of its route, and to the next place if one fails. The caller always gets an
 * answer, or a broken connection if an answer had begun. Bytes are passed on as they are.
 */
import type { Readable } from 'node:stream'
import type { TablePlace } from '@skerry/contract/routes/route'
import type { Outcome } from '@skerry/core/routes/backend'
import type { Refusal } from './caller-check.ts'
import type { PlaceAnswer, PlaceClient, PlaceFailure } from './place-client.ts'
import type { Journey, LiveRoute } from './routing.ts'

export type Forwarded = {
  method: string
  /** The path at the place. */
  path: string
  headers: Readonly<Record<string, string>>
  /** Bytes can be sent again, a stream cannot. */
  body: Buffer | Readable | undefined
  version: number | undefined
  /** Names the requests that must reach one place. */
  sequence?: string | undefined
}

/** `place` is absent if the gateway itself knew the answer. */
export type Delivered = { ok: true; place: Pick<TablePlace, 'device'> | undefined; answer: PlaceAnswer } | Refusal

export type Deps = { client: PlaceClient; random(): number; monotonicMs(): number }

type Tried = { place: TablePlace; result: PlaceAnswer | PlaceFailure }

/** Answers that say "not here" or "not now": another place may do better. */
const ELSEWHERE: readonly number[] = [404, 429, 502, 503, 504]

/** Sends the request to one place after another, as far as route, budget and time allow. */
export async function forwardRequest(
  deps: Deps,
  route: LiveRoute,
  request: Forwarded,
  signal: AbortSignal,
): Promise<Delivered> {
  const { spec } = route.row
  const journey: Journey = {
    draw: deps.random() * 100,
    tried: new Set(),
    version: request.version,
    only: heldPlace(route, request),
  }
  const deadline = AbortSignal.timeout(spec.timeoutMs)
  const ended = AbortSignal.any([signal, deadline])
  route.earn()
  const first = route.choose(journey)
  if (!first.ok) return withoutStart(route, { request, journey, code: first.code })
  let last = await askHedged(deps, { route, request, journey, place: first.place }, ended)
  if (isLost(journey, last, signal)) return lostSequence(route, request)
  for (let attempt = 2; attempt <= spec.attempts && mayRepeat(route, { request, journey, last }, ended); attempt++) {
    journey.tried.add(last.place.id)
    const next = route.choose(journey)
    if (!next.ok || !route.spend()) break
    route.note('retried')
    if (last.result.ok) last.result.rest?.destroy()
    last = await askHedged(deps, { route, request, journey, place: next.place }, ended)
  }
  noteSequence(route, request, last)
  return deadline.aborted && !isFinal(last) ? tooLate(route) : lastAnswer(route, last, ended)
}

/** The place that has the state of the request's sequence. */
const heldPlace = ({ sequences }: LiveRoute, { sequence }: Forwarded) =>
  sequence === undefined ? undefined : sequences.placeOf(sequence)

/** Whether the place of the sequence has failed. A caller who went away has lost nothing. */
const isLost = ({ only }: Journey, { result }: Tried, signal: AbortSignal): boolean =>
  only !== undefined && !result.ok && !signal.aborted

type Starting = { request: Forwarded; journey: Journey; code: 'none' | 'full' | 'broken' | 'tried' }

/** A full place keeps its sequences. */
const withoutStart = (route: LiveRoute, { request, journey, code }: Starting): Refusal =>
  journey.only !== undefined && code !== 'full' ? lostSequence(route, request) : withoutPlace(route, code)

/** The next request of the sequence goes to the place that has answered this one. */
function noteSequence({ sequences }: LiveRoute, { sequence }: Forwarded, last: Tried): void {
  if (sequence === undefined) return
  if (isFinal(last)) sequences.keep(sequence, last.place.id)
  // A place that no longer serves the model has lost its state. A full one has not.
  else if (last.result.ok && last.result.status !== 429) sequences.drop(sequence)
}

/** The state of the model is gone with its place. Another place would answer, and wrongly. */
function lostSequence(route: LiveRoute, { sequence = '' }: Forwarded): Refusal {
  route.sequences.drop(sequence)
  route.note('unanswered')
  const message = `the place that keeps the state of this sequence is lost: begin the sequence on the route ${route.row.name} again`
  return { ok: false, status: 409, code: 'sequence_lost', message }
}

const isFinal = ({ result }: Tried) => result.ok && !ELSEWHERE.includes(result.status)

type Repeating = { request: Forwarded; journey: Journey; last: Tried }

/** Whether another place should get the request, and cannot carry it out twice. */
function mayRepeat({ row: { spec } }: LiveRoute, { request, journey, last }: Repeating, signal: AbortSignal): boolean {
  const { body } = request
  const isHeld = journey.only !== undefined
  const isReplayable = body === undefined || Buffer.isBuffer(body)
  if (isFinal(last) || signal.aborted || !isReplayable || isHeld) return false
  // A place that refused it, or never saw it, has not carried it out.
  return spec.isRepeatable || last.result.ok || !last.result.isSent
}

/** The origin of the device, else a stream through the hub. */
export const targetOf = (route: LiveRoute, place: TablePlace) =>
  route.originOf(place) ?? { route: route.row.name, device: place.id }

type Asking = { route: LiveRoute; request: Forwarded; journey: Journey; place: TablePlace }

/** One attempt; a second place gets the request too if the first one is slow and the route wants that. */
async function askHedged(deps: Deps, asking: Asking, signal: AbortSignal): Promise<Tried> {
  const { route, request, journey, place } = asking
  const { hedgeMs, isRepeatable } = route.row.spec
  const isReplayable = request.body === undefined || Buffer.isBuffer(request.body)
  // Two places would keep a state of one sequence.
  const isStateful = request.sequence !== undefined
  if (hedgeMs === undefined || !isRepeatable || !isReplayable || isStateful) return askPlace(deps, asking, signal)
  const stops = [new AbortController(), new AbortController()] as const
  const first = askPlace(deps, asking, AbortSignal.any([signal, stops[0].signal]))
  const isSlow = await Promise.race([first.then(() => false), afterMs(hedgeMs, signal)])
  if (!isSlow) return first
  const choice = route.choose({ ...journey, tried: new Set([...journey.tried, place.id]) })
  if (!choice.ok || !route.spend()) return first
  route.note('retried')
  const second = askPlace(deps, { ...asking, place: choice.place }, AbortSignal.any([signal, stops[1].signal]))
  const winner = await firstGood(first, second)
  stops[winner.place.id === place.id ? 1 : 0].abort()
  return winner
}

const afterMs = (ms: number, signal: AbortSignal) =>
  new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(true), ms)
    signal.addEventListener('abort', () => [clearTimeout(timer), resolve(true)], { once: true })
  })

/** The first that is final, or the later one of two that are not. */
async function firstGood(first: Promise<Tried>, second: Promise<Tried>): Promise<Tried> {
  const early = await Promise.race([first, second])
  if (isFinal(early)) return early
  const both = await Promise.all([first, second])
  return both.find(isFinal) ?? early
}

async function askPlace(
  { client, monotonicMs }: Deps,
  { route, request, place }: Asking,
  signal: AbortSignal,
): Promise<Tried> {
  const startMs = monotonicMs()
  const end = route.begin(place)
  const { method, path, headers, body } = request
  const result = await client.ask({ target: targetOf(route, place), method, path, headers, body }, signal)
  const finish = (outcome: Outcome) => end(outcome, monotonicMs() - startMs)
  if (result.ok && result.rest) {
    // A long answer keeps the place busy until its end.
    const { rest } = result
    rest.once('close', () => finish(rest.complete ? 'answered' : 'failed'))
  } else finish(outcomeOf(result, signal))
  return { place, result }
}

/** A full place works. A place that has stopped, or no longer serves the model, does not work. */
function outcomeOf(result: PlaceAnswer | PlaceFailure, signal: AbortSignal): Outcome {
  if (!result.ok) return signal.aborted && !isTimeout(signal) ? 'dropped' : 'failed'
  return ELSEWHERE.includes(result.status) && result.status !== 429 ? 'failed' : 'answered'
}

const isTimeout = ({ reason }: AbortSignal) => reason instanceof DOMException && reason.name === 'TimeoutError'

/** The answer of the last place, also if it is no good one: it says more than we could. */
function lastAnswer(route: LiveRoute, { place, result }: Tried, signal: AbortSignal): Delivered {
  if (result.ok) {
    if (result.status === 429) route.note('overloaded')
    else if (ELSEWHERE.includes(result.status)) route.note('unanswered')
    return { ok: true, place, answer: result }
  }
  if (!signal.aborted || isTimeout(signal)) route.note('unanswered')
  const message = `${place.device} did not answer the route ${route.row.name} (${result.message}), and no other place could`
  return { ok: false, status: 503, code: 'place_failed', message, isPassing: true }
}

function tooLate(route: LiveRoute): Refusal {
  route.note('unanswered')
  const { name, spec } = route.row
  const message = `no place of the route ${name} answered within ${spec.timeoutMs} ms`
  return { ok: false, status: 504, code: 'deadline_passed', message }
}

function withoutPlace(route: LiveRoute, code: 'none' | 'full' | 'broken' | 'tried'): Refusal {
  const { name, lack, refusal, spec } = route.row
  if (code === 'full') {
    route.note('overloaded')
    const message = `each place of the route ${name} works on ${spec.concurrency} requests: try again later`
    return { ok: false, status: 429, code: 'route_full', message, isPassing: true }
  }
  route.note('unanswered')
  if (code === 'broken') {
    const message = `all places of the route ${name} have failed lately: try again later`
    return { ok: false, status: 503, code: 'route_down', message, isPassing: true }
  }
  const reason = refusal ?? lack ?? 'no place serves this version'
  return { ok: false, status: 503, code: 'place_missing', message: `the route ${name} has no place: ${reason}` }
}
