/** Supervisor events: what the keeper of a runner asks of the agent, and tells it. */
import type { HubAnswer } from '@skerry/connectors/sink'
import type { Cause } from '@skerry/contract/devices/item'
import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import type { TagWriteSum } from '@skerry/core/audit/tag-write-sum'
import type { RunnerCrash } from '@skerry/core/device/crash-blame'
import type { ExpectedModel } from './equipment/expectant-host.ts'

export type SupervisorEvents = {
  /** Asked before each start: what should serve as soon as it is loaded. */
  expected(): ExpectedModel[]
  /** With the versions that it held, and of which it was running some. */
  onEnd(crash: RunnerCrash): void
  onReady(): void
  /** The runner cannot serve, for a reason outside of it. It is started again all the same. */
  onRefused(cause: Cause): void
  /** Statistics arrived, with what flows wrote to tags since the last time. */
  onBeat(tagWrites: readonly TagWriteSum[]): void
  /** A sink has values for the hub. Never rejects. */
  onTelemetry(batch: TelemetryBatch): Promise<HubAnswer>
  /** The runner has logged a line. */
  onLog(line: string): void
}
