/**
 * CAN peer: a stand-in for candump, which tells over and over the frames of a log that can-utils' asc2log has written of a trace. It is no bus: kernels of
 * build machines have no CAN.
 */
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Whether this machine has it. Tests that need it are skipped where it has not. */
export const hasCanUtils = spawnSync('asc2log', ['-h'], { stdio: 'ignore' }).error === undefined

type CanPeer = AsyncDisposable & {
  /** Writes the frames anew, each as a trace has it: `18FEF100x Rx d 2 0A BC`. */
  tell(frames: readonly string[]): Promise<void>
  /** Ends what tells them, and keeps it from starting again until there are frames anew. */
  fall(): Promise<void>
  /** With what it was started last. */
  startedWith(): Promise<string>
}

/** Takes the place of candump in this process, and in threads that it starts, until it is given up. */
export async function startCan(frames: readonly string[]): Promise<CanPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-can-'))
  const [log, started, program] = ['frames.log', 'started', 'candump'].map((name) => join(folder, name))
  if (log === undefined || started === undefined || program === undefined) throw new Error('no place for it')
  const tell = async (told: readonly string[]) => {
    const lines = told.map((frame, index) => `   0.${String(index).padStart(6, '0')} 1  ${frame}`)
    const trace = join(folder, 'trace.asc')
    await writeFile(trace, ['date Fri Jul 10 06:17:32 2015', 'base hex  timestamps absolute', ...lines, ''].join('\n'))
    const { stdout } = spawnSync('asc2log', ['-I', trace], { encoding: 'utf8' })
    await writeFile(log, stdout)
  }
  await tell(frames)
  await writeFile(program, `#!/bin/sh\necho "$@" > ${started}\nwhile cat ${log}; do sleep 0.01; done\n`)
  await chmod(program, 0o755)
  const before = process.env.PATH ?? ''
  process.env.PATH = `${folder}${delimiter}${before}`
  return {
    tell,
    fall: () => rm(log),
    startedWith: async () => (await readFile(started, 'utf8')).trim(),
    async [Symbol.asyncDispose]() {
      process.env.PATH = before
      await rm(folder, { recursive: true, force: true })
    },
  }
}
