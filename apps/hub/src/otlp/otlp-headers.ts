/** OTLP headers: a file with the headers of requests to a collector, such as its token. */
import { readFile } from 'node:fs/promises'
import { systemCode } from '@skerry/platform/files/file-system'
import type { OtlpTarget } from './otlp-export.ts'

type TargetResult = { ok: true; target?: OtlpTarget } | Extract<HeadersResult, { ok: false }>

/** The collector with its headers; no target if there is no collector. */
export async function readOtlpTarget(
  otlp: { url: string; headersFile: string | undefined } | undefined,
): Promise<TargetResult> {
  if (!otlp) return { ok: true }
  const read = await readOtlpHeaders(otlp.headersFile)
  return read.ok ? { ok: true, target: { url: otlp.url, headers: read.headers } } : read
}

type HeadersResult =
  | { ok: true; headers: Record<string, string> }
  | { ok: false; code: 'otlp_headers_invalid'; message: string }

/** [RFC 9110 5.1, 5.5] A name, a colon, and visible text. */
const HEADER = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)$/

/** One `Name: value` a line. No message repeats a line, because it may have a token. */
export async function readOtlpHeaders(file: string | undefined): Promise<HeadersResult> {
  if (file === undefined) return { ok: true, headers: {} }
  const refuse = (message: string): HeadersResult => ({ ok: false, code: 'otlp_headers_invalid', message })
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    return refuse(`${file} of --otlp-headers-file cannot be read (${systemCode(error)})`)
  }
  const headers: Record<string, string> = {}
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [, name, value] = HEADER.exec(line.trim()) ?? []
    if (name === undefined || value === undefined) {
      return refuse(`line ${at + 1} of ${file} must be a header such as "Authorization: Bearer TOKEN"`)
    }
    headers[name.toLowerCase()] = value
  }
  return { ok: true, headers }
}
