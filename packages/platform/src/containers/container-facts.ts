/** Container facts: a container as its engine describes it, in the terms of the decisions about apps. */
import type { ContainerFacts } from '@skerry/core/apps/app-watch'
import type { InspectedContainer } from './engine.ts'

/** `lastExitCode` is that of its newest end. A container that was started again does not show it any more. */
export function containerFacts(
  { Id, State, RestartCount, HostConfig }: InspectedContainer,
  lastExitCode: number | undefined,
): ContainerFacts {
  const { Status, ExitCode, OOMKilled, Error: error, StartedAt, Health } = State
  const health = (['starting', 'healthy', 'unhealthy'] as const).find((one) => one === Health?.Status)
  const output = Health?.Log?.at(-1)?.Output
  return {
    id: Id,
    state: Status,
    exitCode: Status === 'exited' ? ExitCode : (lastExitCode ?? ExitCode),
    isOutOfMemory: OOMKilled ?? false,
    error: error ?? '',
    ...(health && { health }),
    ...(output !== undefined && { healthOutput: output }),
    restarts: RestartCount,
    ...(StartedAt && { startedAt: StartedAt }),
    limits: { Memory: HostConfig.Memory, NanoCpus: HostConfig.NanoCpus ?? 0, PidsLimit: HostConfig.PidsLimit ?? 0 },
  }
}
