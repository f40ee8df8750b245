/** Compiled peer: a program of `peers/`, built for the test that asks for it against a library of Debian. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../free-port.ts'
import { type Program, startProgram } from '../program.ts'

export type NetworkPeer = Program & {
  port: number
  /** Its own, which goes with it. */
  folder: string
}

/** Readings that a peer measures over and over (`peers/replay.h`): a CSV file with a line of names, how long each stands, and when the first was first told. */
export type Replay = { readings: string; everyMs: number; beganMs: number }

/** As its last arguments. */
export const replayArguments = (replay: Replay | undefined): string[] =>
  replay ? [replay.readings, String(replay.everyMs), String(replay.beganMs)] : []

type Start = {
  /** C++ where it says `cpp`. */
  extension?: 'c' | 'cpp'
  argumentsOf?: (place: { port: number; folder: string }) => string[]
}

/** Builds it and starts it on a free port. */
export async function startCompiledPeer(
  name: string,
  libraries: readonly string[],
  { extension = 'c', argumentsOf = ({ port }) => [String(port)] }: Start = {},
): Promise<NetworkPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-peer-'))
  const binary = join(folder, name)
  const source = fileURLToPath(new URL(`../../peers/${name}.${extension}`, import.meta.url))
  const compiler = extension === 'cpp' ? 'g++' : 'gcc'
  await promisify(execFile)(compiler, ['-O2', '-o', binary, source, ...libraries])
  const port = await freePort()
  const program = await startProgram(binary, argumentsOf({ port, folder }), { ready: /^ready/m })
  return {
    ...program,
    port,
    folder,
    async [Symbol.asyncDispose]() {
      await program.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
