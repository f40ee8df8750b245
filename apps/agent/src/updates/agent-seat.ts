/**
 * Agent seat: the place of the running agent under its launcher. An agent without a launcher has none, and cannot be
 * replaced.
 */

/** Whether the hub has answered since the start. */
export type HubContact = { isHeard(): boolean; heard(): void; onHeard(listener: () => void): void }

export type AgentSeat = {
  /** The folder of the launcher. */
  root: string
  /** Names the version that runs. */
  running: string
  /** Seconds that a new version has to start and to reach its hub, besides its probation. */
  contactSeconds: number
  /** The launcher, if it can start a version beside the running one. */
  launcherPid: number | undefined
  /** Ends the agent. The launcher starts the version that stands on the disk by then. */
  handOver(): void
  contact: HubContact
}

/** [EVE] 300 s without a controller end a test of a new version. */
export const CONTACT_SECONDS = 300

/** The seat that the launcher described in the environment; undefined if there is none. */
export function readSeat(
  env: NodeJS.ProcessEnv,
  parts: Pick<AgentSeat, 'handOver' | 'contact'>,
): AgentSeat | undefined {
  const { SKERRY_LAUNCHER: root, SKERRY_AGENT_DIGEST: running } = env
  if (root === undefined || running === undefined) return undefined
  const seconds = Number(env.SKERRY_CONTACT_SECONDS)
  const pid = Number(env.SKERRY_LAUNCHER_PID)
  return {
    root,
    running,
    ...parts,
    contactSeconds: seconds > 0 ? seconds : CONTACT_SECONDS,
    launcherPid: Number.isSafeInteger(pid) && pid > 0 ? pid : undefined,
  }
}

export function createHubContact(): HubContact {
  let isHeard = false
  const listeners: (() => void)[] = []
  return {
    isHeard: () => isHeard,
    heard() {
      if (isHeard) return
      isHeard = true
      for (const listener of listeners) listener()
    },
    onHeard: (listener) => void listeners.push(listener),
  }
}
