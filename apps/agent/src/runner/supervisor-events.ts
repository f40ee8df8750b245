/** Supervisor events: the calls of the runner supervisor to the agent. */
import type { HubAnswer } from '@skerry/connectors/sink'
import type { Cause } from '@skerry/contract/devices/item'
import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import type { TagWriteSum } from '@skerry/core/audit/tag-write-sum'
import type { RunnerCrash } from '@skerry/core/device/crash-blame'
import type { Picked } from '../captures/capture-board.ts'
import type { OpenRows } from '../monitors/monitor-board.ts'
import type { ExpectedModel } from './equipment/expectant-host.ts'
import type { Predecessor } from './handover/predecessor.ts'

export type SupervisorEvents = {
  /** Called before each start: the models that should serve as soon as they are loaded. */
  expected(): ExpectedModel[]
  /** Called before each start: the runner of the agent before, if it still serves. */
  predecessor(): Predecessor | undefined
  /** With the versions that it held, and those that were running. */
  onEnd(crash: RunnerCrash): void
  onReady(): void
  /** The runner cannot serve, for an outside reason. It is restarted anyway. */
  onRefused(cause: Cause): void
  /** Statistics arrived, with the tag writes of flows since the last time, and the rows of open windows. */
  onBeat(tagWrites: readonly TagWriteSum[], openRows: readonly OpenRows[]): void
  /** The number of workers of a version, or the number that its load asks for, has changed. */
  onScaled(): void
  /** A sink has values for the hub. Never rejects. */
  onTelemetry(batch: TelemetryBatch): Promise<HubAnswer>
  /** The runner has rows to keep. */
  onCaptured(picked: Picked): void
  /** The runner has logged a line. */
  onLog(line: string): void
}
