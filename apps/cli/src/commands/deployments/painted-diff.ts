import type { Style } from '../../program/terminal/style.ts'

/** The lines of a diff, in colours. */
export function paintDiff(lines: readonly string[], style: Style): string {
  return lines
    .map((line) => {
      if (line.startsWith('+')) return style.green(line)
      return line.startsWith('-') ? style.red(line) : style.dim(line)
    })
    .join('\n')
}
