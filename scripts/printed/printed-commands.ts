/**
 * Printed commands: the `skerry ...` lines that a document, a text of the console, an error or a comment shows to a
 * person. This file finds them in the text of a file, and splits them into words as a shell does. Placeholders such as
 * NAME, <name> and ${name} are one word each.
 */

export type PrintedCommand = {
  line: number
  /** The words after `skerry`. */
  words: PrintedWord[]
  place: Place
}

/**
 * `line`: a reader copies it, so it must be complete. `quoted`: a sentence names it, perhaps without its arguments.
 * `loose`: a sentence has it without quotes, so that nobody can see where it ends.
 */
export type Place = 'line' | 'quoted' | 'loose'

export type PrintedWord = {
  text: string
  /** It stands for a value that the reader or the program puts there. */
  isPlaceholder: boolean
}

/** Not a path, a package, or a part of another name. A template as the first word names no command by itself. */
const START = /(?<![\w.@:-]|(?<!\.bin)\/)skerry (?=[a-z])/g

/** The name of a key, of a connection to the database, or of the program before its message. */
const NO_COMMANDS = /^(?:[a-z ]{1,40} v1\b|hub, |(?:hub|agent): |secret key\\0|tls tickets|sbom\b|skerry_restored\b)/

/** Halves of a string on two lines of code. They are joined by signs that no word has, so that the lines stay. */
const JOINTS = /(['"`]) \+\n\s*\1/g

export function printedCommands(source: string, { isMarkdown }: { isMarkdown: boolean }): PrintedCommand[] {
  const fences = isMarkdown ? fencesOf(source) : []
  const text = isMarkdown ? source : source.replace(JOINTS, ({ length }) => '\0'.repeat(length))
  return [...text.matchAll(START)].flatMap(({ index, 0: name }) => {
    const rest = text.slice(index + name.length)
    if (NO_COMMANDS.test(rest)) return []
    const isFenced = fences.some(({ from, to }) => index > from && index < to)
    const { closing, place } = surroundings(text, index, isFenced)
    const words = wordsOf(rest.replaceAll('\0', ''), closing, place)
    return words.length === 0 ? [] : [{ line: source.slice(0, index).split('\n').length, words, place }]
  })
}

function fencesOf(text: string): { from: number; to: number }[] {
  const marks = [...text.matchAll(/^\s*```/gm)].map(({ index }) => index)
  return marks.flatMap((from, at) => (at % 2 === 0 ? [{ from, to: marks[at + 1] ?? text.length }] : []))
}

/** The text that ends the command, by the text before it. */
function surroundings(text: string, index: number, isFenced: boolean): { closing: string; place: Place } {
  const before = text.slice(Math.max(0, index - 80), index)
  const quote = /(\\*["'`]|“|\$\(|\(|>)$/.exec(before)?.[1]
  if (quote !== undefined) return { closing: CLOSING[quote] ?? quote, place: quote === '(' ? 'loose' : 'quoted' }
  const isShell = /(?:^|\n|[|;&] ?)\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:sudo )?$/.test(before)
  return { closing: '\n', place: isFenced && isShell ? 'line' : 'loose' }
}

const CLOSING: Record<string, string> = { '“': '”', '$(': ')', '(': ')', '>': '</' }

/** Words of a shell's line, up to its end, a pipe, a comment, or the closing text. */
function wordsOf(text: string, closing: string, place: Place): PrintedWord[] {
  const words: PrintedWord[] = []
  let at = 0
  while (at < text.length) {
    const gap = /^(?:[ \t]+|\\\n\s*)+/.exec(text.slice(at, at + 200))?.[0].length ?? 0
    at += gap
    const rest = text.slice(at, at + 2_000)
    if (rest.startsWith(closing) || /^(?:\n|\\n|$|[|;&>#)]|< )/.test(rest)) break
    const { length, word } = wordAt(rest, closing)
    if (length === 0) break
    const clean = place === 'loose' ? word.replace(/(?<!\.\.)[,.;:)!?'"`”]+$/, '') : word
    const isLast = clean !== word
    if (clean !== '') words.push({ text: bare(clean), isPlaceholder: isPlaceholder(clean) })
    if (isLast) break
    at += length
  }
  return words
}

/** Quotes of the shell join a word; a template or an angle bracket is a part of one. */
function wordAt(text: string, closing: string): { length: number; word: string } {
  let word = ''
  let at = 0
  while (at < text.length && !text.startsWith(closing, at) && !/^(?:[\s;]|\\n)/.test(text.slice(at, at + 2))) {
    const part = partAt(text.slice(at))
    word += part.word
    at += part.length
  }
  return { length: at, word }
}

function partAt(text: string): { length: number; word: string } {
  const template = /^\$\{/.test(text) ? text.slice(0, balanced(text, '{', '}')) : undefined
  const whole =
    template ?? /^(?:\$\((?:[^()]|\([^()]*\))*\)|<[a-zA-Z][^<>\n]{0,60}>|\\?'[^'\n]*'|\\?"[^"\n]*")/.exec(text)?.[0]
  if (whole === undefined) return { length: 1, word: text[0] ?? '' }
  const quoted = /^\\?(["'])(.*?)\\?\1$/s.exec(whole)?.[2]
  return { length: whole.length, word: quoted ?? whole }
}

function balanced(text: string, opening: string, closing: string): number {
  let depth = 0
  for (const [index, letter] of [...text].entries()) {
    if (letter === opening) depth += 1
    if (letter === closing) depth -= 1
    if (depth === 0 && index > 0) return index + 1
  }
  return text.length
}

/** `[--to NAME]`: an optional part is checked as if it were there. The brackets of `x[1]` belong to the value. */
const bare = (word: string) => (/^[^[\]]+\[[^[\]]*\]$/.test(word) ? word : word.replace(/^\[|\]$/g, ''))

const isPlaceholder = (word: string) =>
  /\$\{|\$\(|<[a-z]|…|\.\.\.|\$[A-Za-z_]/.test(word) || /(?:^|[^A-Za-z])[A-Z]{2,}(?:[^a-z]|$)/.test(word)
