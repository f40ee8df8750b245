/** Agents: the software of the device itself. */
import * as z from 'zod'
import type { AgentPackage } from '../agents/agent-package.ts'
import type { KindRow } from './kind-row.ts'

/** The manifest of the package. The other files of the version are its parts. */
export const AGENT_PATH = 'agent.json'

export const AgentSpec = z.object({
  /** Absent: the device rejects an older version than its own, except the one that it had before. */
  allowDowngrade: z.literal(true).optional(),
})
export type AgentSpec = z.infer<typeof AgentSpec>

export const agentKind = {
  mainFile: AGENT_PATH,
  // Only an agent that a launcher started can be replaced.
  capability: 'agent',
  serves: false,
  mayShadow: false,
  // A device starts the version for a check of itself before it hands over to it.
  hasGoldenCases: true,
  lifecycle: ['fetching', 'verifying', 'loading', 'golden', 'probation', 'active'],
  spec: AgentSpec,
  // The hub read the manifest by its schema when it was pushed.
  detail: { agent: z.custom<AgentPackage>() },
} as const satisfies KindRow
