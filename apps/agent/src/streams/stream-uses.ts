/** Stream uses: the table of the programs on a device that the hub can reach by a stream. */
import { WILDCARDS } from '../commands/infer-command.ts'
import type { Address } from '../options.ts'
import { connectTarget } from './connect-target.ts'
import type { StreamUses } from './stream-desk.ts'

export type StreamUseDeps = {
  /** The address of the device's inference server over REST. Undefined while none is ready. */
  runner(): Address | undefined
  /** The uses of remote access. */
  access: StreamUses
}

/** Creates the table. */
export function streamUses({ runner, access }: StreamUseDeps): StreamUses {
  return {
    ...access,
    /** The Open Inference Protocol of the device, as applications beside it use it. */
    async serve(_params, signal) {
      const address = runner()
      if (!address) {
        return {
          ok: false,
          code: 'device_busy',
          message: 'the runner of the device is starting; try again in a moment',
        }
      }
      return connectTarget({ ...address, host: WILDCARDS[address.host] ?? address.host }, signal)
    },
  }
}
