/**
 * Plain screen: the output of a watched terminal for the terminal of another person. A hostile device or holder must not
 * reach the watcher's clipboard, title or keyboard, so only sequences that draw are passed on [ECMA-48].
 */

/** A sequence that never ends must not fill the memory, nor hide all later output. */
const SEQUENCE_MAX = 256

/** [ECMA-48 5.3] The beginnings and ends of sequences, with their forms of one character (C1). */
const ESC = '\u001b'
const CSI = `(?:${ESC}\\[|\u009b)`
const STRING = `(?:${ESC}[\\]PX^_]|[\u0090\u0098\u009d-\u009f])`
const STRING_END = `(?:\u0007|${ESC}\\\\|\u009c)`

/**
 * A piece of a terminal's output: a sequence CSI, a string sequence (OSC, DCS, SOS, PM, APC), another sequence, one that
 * is not finished, or text.
 */
const PIECE = new RegExp(
  [
    `(?<csi>${CSI}[0-?]*[ -/]*[@-~])`,
    `${STRING}[^\u0007${ESC}\u009c]*${STRING_END}`,
    `${ESC}[ -/]*[0-OQ-WYZ\\\\\`-~]`,
    `(?<open>[${ESC}\u0090\u0098\u009b\u009d-\u009f][^]*$)`,
    `(?<text>[^${ESC}\u0080-\u009f]+)`,
    '[^]',
  ].join('|'),
  'gu',
)

/**
 * [ECMA-48 8.3; xterm, ctlseqs] Final characters that draw: cursor, erase, insert, delete, scroll, colours and regions.
 * Reports (`c`, `n`, `q`), modes and windows (`t`) are left out: they answer through the keyboard, or change the
 * terminal itself.
 */
const DRAWING = new Set('@ABCDEFGHIJKLMPSTXZ`abdefgmrsu')

/** Control characters but backspace, tab and the ends of lines. The others ring, or switch character sets. */
const CONTROLS = /(?![\b\t\n\r])\p{Cc}/gu

/** Reads pieces of output, and returns the parts that are safe to draw. A sequence may be cut between two pieces. */
export function plainScreen(): (output: string) => string {
  let rest = ''
  return (output) => {
    let safe = ''
    const pieces = [...(rest + output).matchAll(PIECE)].map(({ groups = {} }) => groups)
    const last = pieces.at(-1)?.open
    rest = last !== undefined && last.length <= SEQUENCE_MAX ? last : ''
    for (const piece of pieces) if (piece.open !== rest) safe += safeIn(piece)
    return safe
  }
}

/** A sequence that is left open for too long is text. All other sequences without a name are left out. */
function safeIn({ text, csi, open }: Partial<Record<string, string>>): string {
  if (csi !== undefined) return isDrawing(csi) ? csi : ''
  return (text ?? open ?? '').replaceAll(CONTROLS, '')
}

/** Private sequences (`?`, `>`, `<`, `=`), and others with more than numbers, set modes whatever their last character. */
const isDrawing = (csi: string): boolean =>
  DRAWING.has(csi.at(-1) ?? '') && /^[0-9;:]*$/.test(csi.replace(INTRODUCER, '').slice(0, -1))

const INTRODUCER = new RegExp(`^${CSI}`, 'u')
