/**
 * Self-check: a new version shows on a device that it can start, before it takes over. It loads the modules of control
 * and of the runner, with their native parts, and opens neither files nor ports.
 */
import { loadLinkModules } from '../link/link-modules.ts'
import { AGENT_VERSION } from '../version.ts'

/** Resolves with the exit code. Throws, with the words of Node, if a module cannot be loaded. */
export async function selfCheck(): Promise<number> {
  await Promise.all([loadControl(), import('@skerry/inference/host/model-host')])
  process.stdout.write(`version ${AGENT_VERSION} of the agent can start\n`)
  return 0
}

/** The modules of the control process, for a version that stands by. */
export const loadControl = () => Promise.all([import('../agent.ts'), loadLinkModules()])
