/** Use sink test: lets a device connect to the destination of a sink once. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { hub } from '../../hub/hub-client.ts'
import { type Trial, useTrial } from '../sources/equipment/use-trial.ts'

export type SinkTestWish = {
  device: string
  spec: ConnectionSpec
  /** Sends one test value. */
  send: boolean
}
export type SinkTested = Awaited<ReturnType<typeof hub.sink.test>>
export type SinkTestTrial = Trial<SinkTestWish, SinkTested>

export const useSinkTest = () => useTrial(askDevice)

/** The hub gives the device its usual time. */
const askDevice = ({ device, spec, send }: SinkTestWish, signal: AbortSignal): Promise<SinkTested> =>
  hub.sink.test({ device, sink: spec.name, spec, send }, { signal })
