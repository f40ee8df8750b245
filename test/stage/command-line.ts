/**
 * Command line: `skerry` in this process, signed in to a hub. To start a program takes a second of processor, and most
 * tests have other things to show. Other tests start the program itself: the README, the examples, apps/cli/test/bin.
 */
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import type { CommandLine } from '../../examples/stage/command-line.ts'
import type { HubProgram } from '../../examples/stage/fleet.ts'

/** A command that watches waits twice at most. A command that hangs must not hold the files that this process tests later. */
const COMMAND_MAX_MS = 2 * PATIENCE_MS

/** The newest command. A process has one folder, so each command waits for the one before. */
let last: Promise<unknown> = Promise.resolve()

/** Gives the output of a command; throws with its message if it fails. Relative paths are of the folder. */
export function commandLine(
  hub: Pick<HubProgram, 'url' | 'connection' | 'authorityPath'>,
  folder: string,
): CommandLine {
  const signedIn = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key ?? '', SKERRY_CA_FILE: hub.authorityPath }
  // A profile of the person who runs the tests has no part in it.
  const env = { ...(process.env as Record<string, string>), ...signedIn, SKERRY_HOME: folder }
  return (...words) => {
    const call = last.then(() => run(words, env, folder))
    last = call.catch(() => undefined)
    return call
  }
}

async function run(words: readonly string[], env: Record<string, string>, folder: string): Promise<string> {
  const before = process.cwd()
  process.chdir(folder)
  try {
    const signal = AbortSignal.timeout(COMMAND_MAX_MS)
    const { code, out, err } = await cli(words, { env, signal, nowMs: Date.now, random: Math.random })
    if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
    return out
  } finally {
    process.chdir(before)
  }
}
