/** Judge: a program by other people that a test holds Skerry against. Where it is not installed, the test is skipped, and named. */
import { spawnSync } from 'node:child_process'

/** Whether the command is there and does not complain: `test.skipIf(!isInstalled('openssl', 'version'))('openssl accepts ...')`. */
export function isInstalled(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}
