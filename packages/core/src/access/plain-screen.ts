/**
 * Plain screen: the output of a watched terminal for the terminal of another person. A hostile device or holder must not
 * reach the watcher's clipboard, title or keyboard, so only sequences that draw are passed on [ECMA-48].
 */

/** A sequence that never ends must not fill the memory, nor hide all later output. */
const SEQUENCE_MAX = 256

/**
 * A piece of a terminal's output: text, a sequence CSI, or a string sequence (OSC, DCS, SOS, PM, APC), which ends with
 * BEL or ST. C1 controls are the same sequences in one character.
 */
const PIECE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters
  /(?<csi>(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~])|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-OQ-WYZ\\`-~]|(?<open>[\u001b\u0090\u0098\u009b\u009d-\u009f][^]*$)|(?<text>[^\u001b\u0080-\u009f]+)|[^]/gu

/**
 * [ECMA-48 8.3; xterm, ctlseqs] Final characters that draw: cursor, erase, insert, delete, scroll, colours and regions. Reports
 * (`c`, `n`, `q`), modes and windows (`t`) are left out: they answer through the keyboard, or change the terminal itself.
 */
const DRAWING = new Set('@ABCDEFGHIJKLMPSTXZ`abdefgmrsu')

/** Control characters that draw; the others ring or switch character sets. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the controls that are left out
const CONTROLS = /[\u0000-\u0007\u000b\u000c\u000e-\u001f\u007f-\u009f]/g

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

/** Private sequences (`?`, `>`, `<`, `=`) and ones with other parts than numbers set modes, whatever their last character. */
const isDrawing = (csi: string): boolean =>
  DRAWING.has(csi.at(-1) ?? '') && /^[0-9;:]*$/.test(csi.replace(INTRODUCER, '').slice(0, -1))

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with control characters
const INTRODUCER = /^(?:\u001b\[|\u009b)/
