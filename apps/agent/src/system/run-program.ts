/** Run program: one program of the system, with its arguments as they are and without the agent's environment. */
import { execFile } from 'node:child_process'

export type RunProgram = (program: string, args: readonly string[], given?: Given) => Promise<string>

type Given = { input?: string; timeoutMs?: number }

/** These programs talk to a service of the machine, and answer in milliseconds. */
const PROGRAM_MS = 15_000

/** Answers are lists of some lines. */
const OUTPUT_BYTES_MAX = 1024 * 1024

/** The output. Throws the first line of the program's errors. */
export function programRunner(environment: NodeJS.ProcessEnv): RunProgram {
  const { PATH = '/usr/sbin:/usr/bin:/sbin:/bin', DBUS_SYSTEM_BUS_ADDRESS: bus } = environment
  const env = { PATH, LC_ALL: 'C', ...(bus !== undefined && { DBUS_SYSTEM_BUS_ADDRESS: bus }) }
  return (program, args, { input, timeoutMs = PROGRAM_MS } = {}) =>
    new Promise((resolve, reject) => {
      const options = { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES_MAX } as const
      const child = execFile(program, [...args], options, (error, stdout, stderr) => {
        if (!error) return resolve(stdout)
        reject(new Error(`${program}: ${reasonOf(error, stderr)}`.slice(0, 300), { cause: error }))
      })
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(input ?? '')
    })
}

function reasonOf(error: Error & { code?: unknown; killed?: boolean }, stderr: string): string {
  if (error.code === 'ENOENT') return 'the program is not installed'
  if (error.killed) return 'it did not answer in time'
  return stderr.trim().split('\n', 1)[0] || `exit code ${error.code}`
}
