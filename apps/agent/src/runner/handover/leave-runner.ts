/** Leave runner: control ends for another version of the agent, and the models serve on meanwhile. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { handOverProblem } from '@skerry/core/device/hand-over'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { readLaunch, versionFolder } from '../../launcher/launch-files.ts'
import { nextLaunch } from '../../launcher/launch-plan.ts'
import { type AgentSeat, CONTACT_SECONDS } from '../../updates/agent-seat.ts'
import type { RunnerSupervisor } from '../runner-supervisor.ts'
import { forgetPredecessor, notePredecessor, TAKES_OVER } from './predecessor.ts'

export type LeaveDeps = {
  runner: Pick<RunnerSupervisor, 'leave' | 'residency'>
  data: string
  seat: Pick<AgentSeat, 'root' | 'contactSeconds'>
  /** The launcher of the next agent. */
  launcherPid: number
  availableBytes: () => number
  fileSystem: FileSystem
  log: Log
}

/** In seconds. A version that never proves itself is given up first. Then the one before starts, and takes over. */
const RETURN_SECONDS = 120

/** Leaves the runner behind if the next agent can take over from it. Otherwise the runner ends with this agent. */
export async function leaveRunner(deps: LeaveDeps): Promise<void> {
  const { runner, data, seat, launcherPid, fileSystem, log } = deps
  const { digest, deadlineSeconds = CONTACT_SECONDS } = nextVersion(seat.root)
  const problem = handOverProblem({
    canTakeOver: digest !== undefined && existsSync(join(versionFolder(seat.root, digest), TAKES_OVER)),
    modelBytes: runner.residency()?.usedBytes,
    availableBytes: deps.availableBytes(),
  })
  if (problem !== undefined) return log.info('runner_not_left', { reason: problem })
  const isLeft = await runner.leave({ launcherPid, seconds: deadlineSeconds + RETURN_SECONDS }, (left) =>
    notePredecessor(fileSystem, data, left),
  )
  if (isLeft) log.info('runner_left', { digest })
  else await forgetPredecessor(data)
}

/** The version that the launcher starts next. */
function nextVersion(root: string): { digest?: string; deadlineSeconds?: number } {
  const step = nextLaunch(readLaunch(root))
  if (step.kind !== 'start') return {}
  return { digest: step.digest, ...(step.trial && { deadlineSeconds: step.trial.deadlineSeconds }) }
}
