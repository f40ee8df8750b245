import type { SkerryClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import type { CaptureDevice } from '@skerry/contract/captures/capture'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { captureText } from './capture-view.ts'

export const showCapture = command({
  name: 'capture show',
  summary: 'Show the rules of a capture, and the devices that keep rows',
  examples: ['skerry capture show anomaly'],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: {},
  async run({ model: name }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const capture = await client.capture.get({ name }, { signal })
    const devices = await devicesOf(client, name, signal)
    session.print({
      json: { ...capture, ...(devices && { devices }) },
      text: () => captureText(capture, devices, session.style),
    })
  },
})

/** Undefined without the permission. */
async function devicesOf(client: SkerryClient, name: Name, signal: AbortSignal): Promise<CaptureDevice[] | undefined> {
  try {
    return (await client.capture.devices({ name }, { signal })).rows
  } catch (error) {
    if (problemOf(error).code === 'permission_denied') return undefined
    throw error
  }
}
