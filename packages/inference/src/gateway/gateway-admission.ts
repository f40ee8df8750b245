/** Gateway admission: the route that a caller may use, for requests over REST and gRPC alike. */
import type { CallerCheck, Refusal } from './caller-check.ts'
import type { LiveRoute, Routing } from './routing.ts'

export type AdmissionParts = { routing: Routing; callers: CallerCheck }

/** The route, if the caller may use it. */
export async function findLive(
  { routing, callers }: AdmissionParts,
  name: string,
  authorization: string | undefined,
): Promise<{ ok: true; live: LiveRoute; caller: string } | Refusal> {
  const admitted = await callers.check(authorization)
  if (!admitted.ok) return admitted
  const table = routing.table()
  if (!table) return NO_TABLE
  // Routes of other organisations do not exist for the caller.
  const live = admitted.organisationId === table.organisationId ? routing.find(name) : undefined
  return live ? { ok: true, live, caller: admitted.name } : missingRoute(name)
}

const NO_TABLE: Refusal = {
  ok: false,
  status: 503,
  code: 'table_missing',
  message: 'the gateway has no table of routes: the hub does not answer, or rejects the key of the gateway',
  isPassing: true,
}

export const missingRoute = (name: string): Refusal => ({
  ok: false,
  status: 404,
  code: 'model_route_unknown',
  message: `there is no route ${JSON.stringify(name.slice(0, 63))}; "skerry route ls" lists them`,
})

const SEQUENCE = /^[!-~]{1,128}$/

/** The name of a sequence. Sequences of two callers are never the same. */
export function sequenceOf(
  caller: string,
  given: string | undefined,
): { ok: true; value: string | undefined } | Refusal {
  if (given === undefined) return { ok: true, value: undefined }
  return SEQUENCE.test(given) ? { ok: true, value: `${caller} ${given}` } : WRONG_SEQUENCE
}

const WRONG_SEQUENCE: Refusal = {
  ok: false,
  status: 400,
  code: 'input_invalid',
  message: 'Skerry-Sequence must be 1 to 128 printable characters without spaces',
}
