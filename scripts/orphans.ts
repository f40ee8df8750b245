/**
 * Orphans: output of the compiler whose source is gone. It must not be published. To remove it alone is much quicker than
 * to compile everything again, because the compiler then translates only the changed packages.
 */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The console has its pages in `dist`, and its declarations below. */
const OUTPUTS = ['dist/types', 'dist']

const OUTPUT = /(\.d\.ts|\.js)$/

/** Removes the orphans of a package, and returns how many there were. */
export async function removeOrphans(home: string): Promise<number> {
  const output = OUTPUTS.map((path) => join(home, path)).find((path) => existsSync(path))
  if (output === undefined) return 0
  const made = (await readdir(output, { recursive: true })).filter((path) => OUTPUT.test(path))
  const orphans = made.filter((path) => !hasSource(join(home, 'src', path.replace(OUTPUT, ''))))
  for (const path of orphans) await rm(join(output, path))
  return orphans.length
}

const hasSource = (path: string) => ['.ts', '.tsx', '.d.ts', '.js'].some((ending) => existsSync(path + ending))
