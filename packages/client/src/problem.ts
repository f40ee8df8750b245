/** Problem: each error that a call threw, as one plain record that people and programs can act on. */
import { ORPCError } from '@orpc/client'

export type Problem = {
  /** A code of the API, or a code of this module, which never reaches a hub. */
  code: string
  message: string
  /** Status of the answer; 0 if there was none. */
  status: number
  data?: unknown
}

/** A problem that this package found itself, on its way through the callers. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

/** Codes of problems without an answer of a hub. */
export const clientProblems = {
  hub_unreachable: 'the hub does not answer; check its address and that it runs',
  hub_untrusted:
    'the certificate of the hub is not trusted; sign in again with "skerry login", and compare the fingerprint',
  answer_invalid: 'the answer does not come from a hub; check the address, and any proxy in between',
  aborted: 'stopped before the end',
} as const

/** [OpenSSL X509_V_ERR_*, Node.js ERR_TLS_*] Codes of TLS stacks for a certificate that they do not accept. */
const UNTRUSTED =
  /^(ERR_TLS_CERT|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY)|INVALID_CA|HOSTNAME_MISMATCH)/

/** The problem of any error, in one shape. Never throws. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof ORPCError) return problemOfAnswer(error)
  const causes = [...chainOf(error)]
  const name = causes.map((cause) => cause.name)
  if (name.includes('AbortError')) return { code: 'aborted', message: clientProblems.aborted, status: 0 }
  const codes = causes.map(codeOf).filter((code) => code !== undefined)
  const untrusted = codes.find((code) => UNTRUSTED.test(code))
  if (untrusted) return inTheWay('hub_untrusted', untrusted)
  // fetch throws a TypeError for every network problem, and for nothing else: "fetch failed", "Failed to fetch".
  if (codes.length > 0 || name.includes('TypeError') || name.includes('TimeoutError')) {
    return inTheWay('hub_unreachable', codes[0] ?? causes.at(-1)?.message)
  }
  if (/Cannot parse response body|Invalid OpenAPI response/.test(causes[0]?.message ?? ''))
    return inTheWay('answer_invalid', undefined)
  return {
    code: 'internal_error',
    message: causes.map(({ message }) => message).join(': ') || String(error),
    status: 0,
  }
}

/** Whether a later retry may help, because the request itself was right. */
export function isPassing({ code, status }: Problem): boolean {
  return code === 'hub_unreachable' || status === 408 || status === 429 || (status >= 500 && status !== 507)
}

function problemOfAnswer({ code, message, status, data }: ORPCError<string, unknown>): Problem {
  // oRPC uses codes in capitals if the body does not come from a hub, such as a proxy's page or an empty 502.
  if (/^[A-Z_]+$/.test(code)) {
    return { ...inTheWay('answer_invalid', `status ${status}`), status }
  }
  return { code, message, status, ...(data !== undefined && data !== null && { data }) }
}

/** The usual message of a client problem. The details stand after the problem and before the next step. */
export function inTheWay(code: keyof typeof clientProblems, detail: string | undefined): Problem {
  const message = detail === undefined ? clientProblems[code] : clientProblems[code].replace(';', ` (${detail});`)
  return { code, message, status: 0 }
}

function* chainOf(error: unknown): Generator<Error> {
  let current = error
  // No library wraps more than eight errors. The limit also ends a cycle of causes.
  for (let depth = 0; depth < 8 && current instanceof Error; depth += 1) {
    yield current
    // A host with several addresses fails with one error for each. The first one is enough.
    current = current instanceof AggregateError && current.cause === undefined ? current.errors[0] : current.cause
  }
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
