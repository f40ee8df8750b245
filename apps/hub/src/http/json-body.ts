/** JSON body: parses what was sent as JSON, and refuses text that no database keeps as it is. */
import type { FastifyRequest } from 'fastify'
import { problem } from './problem.ts'

/** [RFC 8259 8.2] Escapes of NUL and of surrogates: only where one occurs are the strings looked at one by one. */
const SUSPICIOUS = /\\u(0000|d[89a-f][0-9a-f]{2})/i

/** What the contract takes nests a dozen levels, a tensor as deep as its shape is long. Deeper would exhaust the stack of who walks through it. */
const DEPTH_MAX = 64

type Done = (error: Error | null, body?: unknown) => void

/** A Fastify content-type parser. No body is `undefined`, so that DELETE and POST without input need none. */
export function parseJsonBody(_request: FastifyRequest, text: string | Buffer, done: Done): void {
  try {
    done(null, parse(String(text)))
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)))
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') return undefined
  if (isTooDeep(text)) throw problem('input_invalid', `the body nests deeper than ${DEPTH_MAX} levels`)
  const isSuspicious = SUSPICIOUS.test(text)
  try {
    return JSON.parse(text, (key, value: unknown) => {
      // A member of this name would become the object's prototype somewhere.
      if (key === '__proto__') throw problem('input_invalid', 'a field must not be called __proto__')
      if (isSuspicious && !(isKeepable(key) && (typeof value !== 'string' || isKeepable(value)))) {
        throw problem('input_invalid', 'text must not hold NUL or half of a surrogate pair')
      }
      return value
    })
  } catch (error) {
    if (error instanceof SyntaxError) throw problem('input_invalid', 'the body is not JSON')
    throw error
  }
}

/** Told before it is parsed: brackets outside strings. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '"') at = endOfString(text, at)
    else if (sign === '[' || sign === '{') depth += 1
    else if (sign === ']' || sign === '}') depth -= 1
    if (depth > DEPTH_MAX) return true
  }
  return false
}

/** Where the string that begins here ends; far behind the text where it does not. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; ; at += 1) {
    at = text.indexOf('"', at)
    if (at < 0) return text.length
    let backslashes = 0
    while (text[at - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return at
  }
}

const isKeepable = (text: string) => text.isWellFormed() && !text.includes('\0')
