/** Flows: from tags over windows and models to decisions and sinks. A flow takes its inputs by itself. */
import * as z from 'zod'
import type { Flow } from '../flows/flow.ts'
import { Serving } from '../models/serving.ts'
import type { KindRow } from './kind-row.ts'

/** The flow in JSON. */
export const FLOW_PATH = 'flow.json'
/** Recorded values of the flow's inputs, line by line. Each device replays them before the flow becomes active. */
export const RECORDING_PATH = 'recording.jsonl'

/** How a device runs the flow. */
export const FlowSpec = z.object({ onCrash: Serving.shape.onCrash })
export type FlowSpec = z.infer<typeof FlowSpec>

export const flowKind = {
  mainFile: FLOW_PATH,
  capability: 'flow',
  serves: false,
  mayShadow: false,
  hasGoldenCases: true,
  lifecycle: ['fetching', 'verifying', 'loading', 'golden', 'ready', 'probation', 'active'],
  spec: FlowSpec,
  // The flow was read by its schema when it was pushed. That schema is long, and a page that only shows models need not load it.
  detail: { flow: z.custom<Flow>() },
} as const satisfies KindRow
