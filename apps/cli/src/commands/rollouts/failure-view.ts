/** Failure view: the devices on which rollouts failed, with the reasons and the commands that help next. */
import type { Rollout, RolloutFailure, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { failureCommands, failureLines, failureReason } from '@skerry/core/deployments/rollout-failures'
import { retryCommand } from '@skerry/core/devices/cause-words'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'

/** The facts of one rollout: a line for each device and each command; none if nothing failed. */
export const failureFacts = (rollout: Rollout): [string, string][] => [
  ...failureLines(rollout).map((line): [string, string] => ['failed', line]),
  ...failureCommands(rollout).map((line): [string, string] => ['next', line]),
]

type Row = { deployment: string; status: RolloutStatus; failures?: readonly RolloutFailure[] | undefined }

/** Below a list, the reasons of its failures; empty if nothing failed. A superseded rollout is history. */
export function failuresBelow(rows: readonly Row[], style: Style): string {
  const failed = rows
    .filter(({ status }) => status !== 'superseded')
    .flatMap(({ deployment, failures = [] }) =>
      failures.map((failure) => {
        const why = failureReason(failure, retryCommand(failure.device, deployment))
        return [deployment, `${failure.device}: ${why}`]
      }),
    )
  return failed.length === 0 ? '' : `\n\n${tableOf(style, ['FAILED', 'WHY'], failed, '')}`
}
