/** Compiled peer: a program of `peers/`, built for the test that asks for it against a library of Debian. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { type Program, startProgram } from './program.ts'

export type NetworkPeer = Program & { port: number }

/** Builds it and starts it on a free port. */
export async function startCompiledPeer(name: string, libraries: readonly string[]): Promise<NetworkPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-peer-'))
  const binary = join(folder, name)
  const source = fileURLToPath(new URL(`../peers/${name}.c`, import.meta.url))
  await promisify(execFile)('gcc', ['-O2', '-o', binary, source, ...libraries])
  const port = await freePort()
  const program = await startProgram(binary, [String(port)], { ready: /^ready/m })
  return {
    ...program,
    port,
    async [Symbol.asyncDispose]() {
      await program.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
