/** TPM process: a machine's TPM for tests, by swtpm, which is other people's and keeps its state in a folder. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { temporaryFolder } from './agent-process.ts'

export const hasTpm = ['swtpm', 'tpm2_createprimary'].every(
  (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0,
)

export type TpmProcess = AsyncDisposable & {
  /** What has the tools, and so the agent, use it. */
  environment: NodeJS.ProcessEnv
  /** Another state of the machine: what its firmware would have measured after a change. */
  extend(pcr: number): void
  /** Gone, as one that the firmware switched off. */
  stop(): Promise<void>
}

/** A new TPM, of a machine that has just been switched on. */
export async function startTpm(): Promise<TpmProcess> {
  const folder = await temporaryFolder()
  const socket = join(folder, 'socket')
  const channels = ['--server', `type=unixio,path=${socket}`, '--ctrl', `type=unixio,path=${socket}.ctrl`]
  const args = ['socket', '--tpm2', '--tpmstate', `dir=${folder}`, ...channels]
  const child = spawn('swtpm', [...args, '--flags', 'not-need-init,startup-clear'], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  await until(() => existsSync(socket) && existsSync(`${socket}.ctrl`), { what: 'swtpm to open its sockets' })
  const environment = { TPM2TOOLS_TCTI: `swtpm:path=${socket}` }
  const stop = async () => {
    child.kill('SIGKILL')
    await exited
  }
  return {
    environment,
    extend(pcr) {
      const digest = '11'.repeat(32)
      execFileSync('tpm2_pcrextend', [`${pcr}:sha256=${digest}`], { env: { ...process.env, ...environment } })
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
