/**
 * Inference: asks a model over the Open Inference Protocol V2, REST with JSON, as devices and all other servers of that protocol answer.
 * Whole numbers past 2^53 travel exactly, as BigInt: INT64 and UINT64 need them.
 */
import { InferError, InferReply, type InferTensor, ModelMetadata } from '@skerry/contract/models/open-inference'
import { inTheWay, ProblemError } from './problem.ts'

/** A model behind an endpoint; the version is the server's choice where absent. */
export type ModelAddress = { url: string; model: string; version?: string; fetch?: typeof globalThis.fetch }

/** What the model takes and gives. */
export async function modelMetadata(address: ModelAddress, signal: AbortSignal): Promise<ModelMetadata> {
  return ask(address, '', ModelMetadata, { signal })
}

/** Runs the model once. */
export async function infer(
  address: ModelAddress,
  inputs: readonly InferTensor[],
  signal: AbortSignal,
): Promise<InferReply> {
  return ask(address, '/infer', InferReply, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: stringifyExact({ inputs }),
    signal,
  })
}

async function ask<Reply>(
  { url, model, version, fetch = globalThis.fetch }: ModelAddress,
  rest: string,
  schema: { safeParse(body: unknown): { data?: Reply | undefined } },
  request: RequestInit,
): Promise<Reply> {
  const versionPath = version === undefined ? '' : `/versions/${encodeURIComponent(version)}`
  const target = new URL(`/v2/models/${encodeURIComponent(model)}${versionPath}${rest}`, url)
  const response = await fetch(target, request)
  const body = parseExact(await response.text())
  if (!response.ok) throw refusal(response, body)
  const { data } = schema.safeParse(body)
  if (data) return data
  const problem = inTheWay('answer_invalid', `${target.origin} does not speak the Open Inference Protocol`)
  throw new ProblemError({ ...problem, status: response.status })
}

/** [Open Inference Protocol V2, inference response, error] `{ "error": string }`. */
function refusal({ status, statusText, headers }: Response, body: unknown): Error {
  const retryAfter = headers.get('retry-after')
  const message =
    InferError.safeParse(body).data?.error ??
    `the endpoint answered ${status} ${statusText}; check the address and the name of the model`
  return new ProblemError({
    code: 'inference_refused',
    message,
    status,
    ...(retryAfter !== null && { data: { retryAfterSeconds: Number(retryAfter) } }),
  })
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown
type RawJson = { rawJSON: (text: string) => unknown }

/** Reads JSON, with whole numbers that a double cannot hold as BigInt; undefined where it is no JSON. */
export function parseExact(text: string): unknown {
  // [ECMA-262 2025, JSON.parse source text access] The types of TypeScript 7 lack the third argument.
  const revive: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
      ? BigInt(source ?? 0)
      : value
  try {
    return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1])
  } catch {
    return undefined
  }
}

/** Writes JSON, with BigInt as plain digits, and with the sign of -0. */
export function stringifyExact(value: unknown, indent?: number): string {
  const raw = (JSON as unknown as RawJson).rawJSON
  const write = (part: unknown) => {
    if (typeof part === 'bigint') return raw(String(part))
    return Object.is(part, -0) ? raw('-0.0') : part
  }
  return JSON.stringify(value, (_key, part: unknown) => write(part), indent)
}
