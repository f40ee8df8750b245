/**
 * Command line: `skerry` as a person at a terminal runs it, in a process of its own, signed in to the hub of the
 * example.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { HubProgram } from './fleet.ts'

const MAIN = join(import.meta.dirname, '../../apps/cli/src/main.ts')

export type CommandLine = (...words: string[]) => Promise<string>

/** Gives the output of a command; throws with its message if it fails. Relative paths are of the folder. */
export function commandLine(
  hub: Pick<HubProgram, 'url' | 'connection' | 'authorityPath'>,
  folder: string,
): CommandLine {
  const signedIn = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key ?? '', SKERRY_CA_FILE: hub.authorityPath }
  // A profile of the person who runs the example has no part in it.
  const env = { ...process.env, ...signedIn, SKERRY_HOME: folder }
  return async (...words) => {
    const child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
    return out
  }
}
