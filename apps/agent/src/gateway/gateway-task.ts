/** Gateway task: the order of control to the process of the gateway. */
import type { DeviceId } from '@skerry/contract/values/ids'
import type { GatewaySwitches } from './gateway-options.ts'

export type GatewayTask = Omit<GatewaySwitches, 'keyFile'> & {
  /** The name of the device is the name of its gateway. */
  name: string
  device: DeviceId
  /** The origin of the inference server of this device. */
  origin: string
  hub: string
  /** PEM of the authority of the hub. */
  ca: string
  key: string
  folder: string
  version: string
}
