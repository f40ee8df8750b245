/** Power: restarts the machine, or turns it off, through systemd. */
import type { Clock } from '@skerry/platform/process/clock'
import { JobProblem } from '../jobs/job-problem.ts'
import type { RunProgram } from './run-program.ts'
import type { SystemSwitch } from './system-options.ts'

export type PowerAction = 'reboot' | 'poweroff'

export type PowerDeps = { switches: readonly SystemSwitch[]; run: RunProgram; clock: Pick<Clock, 'sleep'> }

/** [systemd.unit(5)] A service that does not end is killed after 90 s; several may wait for each other. */
const END_MS = 300_000

/** Orders it, and waits for the end of this agent. Rejects if the machine goes on. */
export async function orderPower(
  action: PowerAction,
  { switches, run, clock }: PowerDeps,
  signal: AbortSignal,
): Promise<never> {
  if (!switches.includes('power')) {
    const message = 'the device does not allow it; start its agent with --allow-system power'
    throw new JobProblem({ code: 'system_refused', message })
  }
  await run('systemctl', [action])
  await clock.sleep(END_MS, signal)
  throw new Error('the machine accepted the order, and still runs after five minutes; look at its services')
}
