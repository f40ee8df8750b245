/** Run tool: a program of the operating system, without a terminal and without the variables of the agent. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export type Ran = { ok: true; text: string } | { ok: false; text: string; isStopped: boolean }

/** A slow line needs its time for packages; a slow card for an image. */
const RUN_MS = 3_600_000

const OUTPUT_BYTES_MAX = 16 * 2 ** 20

export type Tool = { program: string; words: readonly string[]; env: NodeJS.ProcessEnv }

/** The output; or the errors, if the program failed. */
export async function runTool({ program, words, env }: Tool, signal: AbortSignal): Promise<Ran> {
  try {
    const limits = { timeout: RUN_MS, maxBuffer: OUTPUT_BYTES_MAX, signal }
    const { stdout } = await promisify(execFile)(program, words, { env, ...limits })
    return { ok: true, text: stdout }
  } catch (error) {
    const { stderr = '', stdout = '', message } = error as Error & { stderr?: string; stdout?: string }
    return { ok: false, text: stderr.trim() || stdout.trim() || message, isStopped: signal.aborted }
  }
}

/** In milliseconds. A machine that does not restart within this time is told again. */
const RESTART_MS = 60_000

/** The agent ends with the machine. */
export async function restartMachine(): Promise<void> {
  await promisify(execFile)('systemctl', ['reboot'], { timeout: RESTART_MS })
}
