/** Check content: text and pictures of a listing that could attack the people who read them. */

/** The first bytes of a PNG [RFC 2083, 3.1]. */
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Elements, attributes and references of SVG that run code or load other files. */
const SVG_DANGERS: readonly (readonly [RegExp, string])[] = [
  [/<!(DOCTYPE|ENTITY)/i, 'declares a document type'],
  [
    /<\s*(script|foreignObject|iframe|object|embed|audio|video|handler|set|animate)\b/i,
    'has an element that can run code',
  ],
  [/\son[a-z]+\s*=/i, 'has an event attribute'],
  [/\b(href|src)\s*=\s*["']?\s*(?!#)[^"'\s>]/i, 'refers to another file'],
  [/url\(\s*["']?\s*(?!#)[^)]/i, 'refers to another file'],
  [/@import/i, 'imports a style'],
  [/javascript:/i, 'has a script address'],
]

/** Markdown that other readers than Skerry's would run. Skerry shows HTML as text. */
const MARKDOWN_DANGERS: readonly (readonly [RegExp, string])[] = [
  [/<\s*\/?\s*(script|iframe|object|embed|style|form|svg|img|link|meta|base)\b/i, 'has HTML'],
  [/\]\(\s*<?\s*(javascript|data|vbscript|file):/i, 'has a link that runs code or reads files'],
  [/^\s*\[[^\]]+\]:\s*<?\s*(javascript|data|vbscript|file):/im, 'has a link that runs code or reads files'],
]

/** The dangers of an icon, as ends of the sentence "the icon ...". */
export function iconFindings(type: string, bytes: Uint8Array): string[] {
  if (type === 'image/png') return PNG.every((byte, index) => bytes[index] === byte) ? [] : ['is no PNG']
  // All signs that matter are ASCII. Another byte becomes a letter that no pattern names.
  const text = Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : 'é')).join('')
  if (!/^\s*(<\?xml[^>]*\?>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/.test(text)) return ['is no SVG']
  return SVG_DANGERS.filter(([pattern]) => pattern.test(text)).map(([, danger]) => danger)
}

/** The dangers of a Markdown text, as ends of the sentence "the description ...". */
export const markdownFindings = (text: string): string[] => [
  ...new Set(MARKDOWN_DANGERS.filter(([pattern]) => pattern.test(text)).map(([, danger]) => danger)),
]

const SCRIPTS = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Hebrew', 'Arabic', 'Han'] as const
const scriptPatterns = SCRIPTS.map((script) => [script, new RegExp(`\\p{Script=${script}}`, 'u')] as const)

/** [UTS 39, 5.1] A word with letters of two scripts may imitate another word. The first such word. */
export const mixedScriptWord = (text: string): string | undefined =>
  text.split(/[^\p{L}\p{M}]+/u).find((word) => scriptPatterns.filter(([, pattern]) => pattern.test(word)).length > 1)
