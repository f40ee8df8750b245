/**
 * Selector parts: a selector's text taken apart into its conditions, each in the words of whoever wrote it. Knows where texts, comments and
 * brackets begin and end, and nothing else of CEL: what it cannot take apart stays one condition.
 */

export type SelectorPart =
  | { kind: 'condition'; text: string }
  | { kind: 'not'; text: string; part: SelectorPart }
  | { kind: 'and' | 'or'; parts: readonly SelectorPart[] }

/** Deeper than people nest; one level costs a walk over the text. */
const DEPTH_MAX = 32

/** The parts of a text that compiles. */
export function selectorParts(text: string, depth = 0): SelectorPart {
  const trimmed = text.trim()
  const condition: SelectorPart = { kind: 'condition', text: trimmed }
  const marks = marksOf(trimmed)
  // [CEL, syntax] `? :` binds least; its parts count by turns, so it is one condition.
  if (!marks || depth > DEPTH_MAX || marks.some(({ sign }) => sign === '?')) return condition
  for (const [kind, sign] of [
    ['or', '||'],
    ['and', '&&'],
  ] as const) {
    const pieces = piecesAt(
      trimmed,
      marks.filter((mark) => mark.sign === sign),
    )
    if (pieces.length > 1) return { kind, parts: pieces.map((piece) => selectorParts(piece, depth + 1)) }
  }
  if (isBracketed(trimmed)) return selectorParts(trimmed.slice(1, -1), depth + 1)
  const rest = trimmed.slice(1).trim()
  if (trimmed.startsWith('!') && (isBracketed(rest) || rest.startsWith('!')))
    return { kind: 'not', text: trimmed, part: selectorParts(rest, depth + 1) }
  return condition
}

type Sign = '||' | '&&' | '?'
type Mark = { sign: Sign; at: number }

/** Texts (raw, in three quotes or one), comments, then single signs. */
const TOKEN =
  /[rRbB]{0,2}("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/.*|\|\||&&|[?()[\]{}]/g

/** The signs that stand outside all brackets; undefined where the brackets do not fit, or where texts could be read in two ways. */
function marksOf(text: string): Mark[] | undefined {
  const marks: Mark[] = []
  let depth = 0
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match
    // [CEL, syntax] A backslash in a raw text is a backslash, which this does not read; and a comment would be cut off from its line.
    if (/^[rRbB]/.test(token) || token.startsWith('//')) return undefined
    if ('([{'.includes(token)) depth += 1
    if (')]}'.includes(token)) depth -= 1
    if (depth < 0) return undefined
    if (depth === 0 && (token === '||' || token === '&&' || token === '?')) marks.push({ sign: token, at: match.index })
  }
  return depth === 0 ? marks : undefined
}

function piecesAt(text: string, marks: readonly Mark[]): string[] {
  const starts = [0, ...marks.map(({ at, sign }) => at + sign.length)]
  const ends = [...marks.map(({ at }) => at), text.length]
  return starts.map((start, index) => text.slice(start, ends[index]))
}

/** Whether one pair of round brackets holds the whole text. */
function isBracketed(text: string): boolean {
  if (!text.startsWith('(') || !text.endsWith(')')) return false
  let depth = 0
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if ('([{'.includes(token)) depth += 1
    if (')]}'.includes(token)) depth -= 1
    if (depth === 0) return index === text.length - 1
  }
  return false
}
