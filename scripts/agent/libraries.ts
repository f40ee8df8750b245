/** Libraries of a program, for images that start from nothing. */
import { execFileSync } from 'node:child_process'

/** [ld.so(8)] The libraries that the program loader loads for it, and the loader. */
export function librariesOf(path: string): string[] {
  const lines = execFileSync('ldd', [path], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? [])
}
