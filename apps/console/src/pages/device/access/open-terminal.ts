/** Open terminal: an xterm in an element, in the colours of the console and under the policy of its page. */
import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { withStyledDocument } from './styled-document.ts'

export type ShownTerminal = Disposable & {
  terminal: Terminal
  /** Takes the size of the element. */
  fit(): void
}

/** Dark in both themes: programs choose their colours for a dark ground. */
const COLOURS = { background: '#10151c', foreground: '#dce3ea', cursor: '#dce3ea', selectionBackground: '#3a506b' }

/** Some screens of lines; a recording keeps all of them. */
const SCROLLBACK = 5_000

/** `size` is fixed for a recording. */
export function openTerminal(
  element: HTMLElement,
  { isReadOnly = false, size }: { isReadOnly?: boolean; size?: { columns: number; rows: number } } = {},
): ShownTerminal {
  const terminal = new Terminal({
    disableStdin: isReadOnly,
    cursorBlink: !isReadOnly,
    fontFamily: "'JetBrains Mono Variable', monospace",
    fontSize: 13,
    scrollback: SCROLLBACK,
    theme: COLOURS,
    // A program could show one address and open another.
    linkHandler: { activate: () => undefined },
    ...(size && { cols: size.columns, rows: size.rows }),
  })
  const fitting = new FitAddon()
  terminal.loadAddon(fitting)
  withStyledDocument(() => terminal.open(element))
  return {
    terminal,
    fit: () => fitting.fit(),
    [Symbol.dispose]: () => terminal.dispose(),
  }
}
