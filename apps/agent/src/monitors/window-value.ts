/** Window value: a window of a monitor in the form in which values wait for the hub. */
import { type MonitorWindow, windowSignal } from '@skerry/contract/monitors/profile'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'

/** The hub recognises it by its signal, which no flow can have. */
export const windowValue = (window: MonitorWindow): SinkValue => ({
  signal: windowSignal(window.model),
  eventTimeMs: window.startMs,
  quality: 'good',
  value: JSON.stringify(window),
})
