/** JSON body: parses what was sent as JSON, and refuses text that no database keeps as it is. */
import type { FastifyRequest } from 'fastify'
import { problem } from './problem.ts'

/** [RFC 8259 8.2] Escapes of NUL and of surrogates: only where one occurs are the strings looked at one by one. */
const SUSPICIOUS = /\\u(0000|d[89a-f][0-9a-f]{2})/i

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

const isKeepable = (text: string) => text.isWellFormed() && !text.includes('\0')
