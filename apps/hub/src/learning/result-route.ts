/** Result route: receives the detector that a device learned, or the findings that speak against one. */
import { LearningResult, RESULT_BYTES_MAX } from '@skerry/contract/learning/result'
import { LearningId } from '@skerry/contract/values/ids'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { takeBytes } from '../commands/command-bytes.ts'
import { acceptBytesOnly } from '../http/byte-routes.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { callingDevice } from '../link/calling-device.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { takeResult } from './take-result.ts'

/** Adds the route. Its bytes count in the memory budget of the bytes of commands, for the organisation of the device. */
export async function installResultRoute(app: FastifyInstance, hub: Hub): Promise<void> {
  await app.register(async (scope) => {
    acceptBytesOnly(scope)
    const devices = new WeakMap<FastifyRequest, DeviceTable>()
    // The hub identifies the device before it reads a byte of the body.
    scope.addHook(
      'onRequest',
      async (request) => void devices.set(request, await callingDevice(hub, request, 'learningResult')),
    )
    scope.put('/v1/learning-results/:learning', { bodyLimit: RESULT_BYTES_MAX }, async (request) => {
      const device = devices.get(request)
      if (!device) throw new Error('a result came without its device')
      const { bytes, lease } = await takeBytes(
        hub.commands.budget,
        { request, payer: device.organisation_id },
        hub.signal,
      )
      using _lease = lease
      return await takeResult(hub, { device, learning: learningIn(request), result: resultIn(bytes) })
    })
  })
}

function learningIn({ params }: FastifyRequest): LearningId {
  const id = LearningId.safeParse((params as { learning?: string }).learning)
  if (!id.success) throw problem('learning_unknown')
  return id.data
}

function resultIn(bytes: Uint8Array): LearningResult {
  const result = LearningResult.safeParse(parsed(bytes))
  if (!result.success) throw problem('input_invalid', 'the body has no result that this hub can read')
  return result.data
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
