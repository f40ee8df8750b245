/**
 * Text proto: the text format of protocol buffers, as far as configurations of Triton use it
 * [protobuf.dev, Text Format Language Specification]. A value is a text, a number, a truth value, a word or a message.
 */

export type ProtoValue = string | number | boolean | ProtoMessage

/** Each field has all of its values, in their order. */
export type ProtoMessage = { readonly [field: string]: readonly ProtoValue[] }

export type ProtoResult = { ok: true; message: ProtoMessage } | { ok: false; message: string }

/** Configurations nest four deep. */
const DEPTH_MAX = 32

/** Sixteen thousand tokens are a configuration of a thousand tensors. */
const TOKENS_MAX = 200_000

const TOKEN = /\s+|#[^\n]*|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<word>[\w.+-]+)|(?<mark>[{}<>[\]:,;])/gy

type Token = { kind: 'text' | 'word' | 'mark'; value: string; at: number }

class Mistake extends Error {}

/** Parses a document. It names the line of the first mistake. */
export function parseTextProto(source: string): ProtoResult {
  try {
    const tokens = tokensOf(source)
    const reader = { tokens, at: 0, source }
    const message = readMessage(reader, undefined, 0)
    return { ok: true, message }
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, message: error.message }
    throw error
  }
}

type Reader = { tokens: readonly Token[]; at: number; source: string }

function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  let at = 0
  while (at < source.length) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(source)
    if (!found) throw mistake(source, at, 'an unknown character')
    const { text, word, mark } = found.groups ?? {}
    if (text !== undefined) tokens.push({ kind: 'text', value: unquoted(text), at })
    else if (word !== undefined) tokens.push({ kind: 'word', value: word, at })
    else if (mark !== undefined) tokens.push({ kind: 'mark', value: mark, at })
    if (tokens.length > TOKENS_MAX) throw mistake(source, at, 'more content than a configuration has')
    at = TOKEN.lastIndex
  }
  return tokens
}

const unquoted = (text: string): string => text.slice(1, -1).replaceAll(/\\(.)/g, '$1')

function mistake(source: string, at: number, what: string): Mistake {
  return new Mistake(`line ${source.slice(0, at).split('\n').length}: ${what}`)
}

const wrong = (reader: Reader, what: string): Mistake =>
  mistake(reader.source, reader.tokens[reader.at]?.at ?? reader.source.length, what)

function isMark(reader: Reader, ...marks: string[]): boolean {
  const token = reader.tokens[reader.at]
  return token?.kind === 'mark' && marks.includes(token.value)
}

/** Reads fields up to the closing mark, or to the end of the document. */
function readMessage(reader: Reader, end: string | undefined, depth: number): ProtoMessage {
  if (depth > DEPTH_MAX) throw wrong(reader, 'messages are nested too deeply')
  const fields = new Map<string, ProtoValue[]>()
  for (;;) {
    if (isMark(reader, ',', ';')) {
      reader.at += 1
      continue
    }
    const token = reader.tokens[reader.at]
    if (!token && end === undefined) return Object.fromEntries(fields)
    if (end !== undefined && isMark(reader, end)) {
      reader.at += 1
      return Object.fromEntries(fields)
    }
    if (token?.kind !== 'word') throw wrong(reader, 'the name of a field is missing')
    reader.at += 1
    const values = readField(reader, depth)
    fields.set(token.value, [...(fields.get(token.value) ?? []), ...values])
  }
}

function readField(reader: Reader, depth: number): ProtoValue[] {
  const hasColon = isMark(reader, ':')
  if (hasColon) reader.at += 1
  if (!isMark(reader, '[')) return [readValue(reader, { hasColon, depth })]
  reader.at += 1
  const values: ProtoValue[] = []
  while (!isMark(reader, ']')) {
    values.push(readValue(reader, { hasColon: true, depth }))
    if (isMark(reader, ',')) reader.at += 1
    else if (!isMark(reader, ']')) throw wrong(reader, 'a list lacks a comma or its end')
  }
  reader.at += 1
  return values
}

function readValue(reader: Reader, { hasColon, depth }: { hasColon: boolean; depth: number }): ProtoValue {
  const token = reader.tokens[reader.at]
  if (isMark(reader, '{', '<')) {
    reader.at += 1
    return readMessage(reader, token?.value === '{' ? '}' : '>', depth + 1)
  }
  if (!token || token.kind === 'mark' || !hasColon) throw wrong(reader, 'a value is missing')
  reader.at += 1
  if (token.kind === 'word') return scalarOf(token.value)
  let text = token.value
  // Texts that follow each other are one.
  for (let next = reader.tokens[reader.at]; next?.kind === 'text'; next = reader.tokens[reader.at]) {
    text += next.value
    reader.at += 1
  }
  return text
}

function scalarOf(word: string): ProtoValue {
  if (word === 'true' || word === 'false') return word === 'true'
  const number = Number(word)
  return Number.isFinite(number) ? number : word
}
