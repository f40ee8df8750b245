/** Update route: receives the report of a device about its part of a round, with the bytes of its update. */
import { CampaignReport, REPORT_HEADER, UPDATE_BYTES_MAX } from '@skerry/contract/campaigns/update'
import { CampaignId } from '@skerry/contract/values/ids'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { lengthOf, takeBytes } from '../commands/command-bytes.ts'
import { acceptBytesOnly } from '../http/byte-routes.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { callingDevice } from '../link/calling-device.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { takeReport } from './take-report.ts'

/** Adds the route. Its bytes count in the memory budget of the bytes of commands, for the organisation of the device. */
export async function installUpdateRoute(app: FastifyInstance, hub: Hub): Promise<void> {
  await app.register(async (scope) => {
    acceptBytesOnly(scope)
    const devices = new WeakMap<FastifyRequest, DeviceTable>()
    // The hub identifies the device before it reads a byte of the body.
    scope.addHook(
      'onRequest',
      async (request) => void devices.set(request, await callingDevice(hub, request, 'campaignUpdate')),
    )
    const path = '/v1/campaign-updates/:campaign/:round/:attempt'
    scope.put(path, { bodyLimit: UPDATE_BYTES_MAX }, async (request) => {
      const device = devices.get(request)
      if (!device) throw new Error('an update came without its device')
      const place = placeOf(request)
      const { bytes, lease } = await bytesOf(hub, request, device)
      using _lease = lease
      return await takeReport(hub, { ...place, device, report: reportOf(request), bytes })
    })
  })
}

const NO_BYTES = { bytes: new Uint8Array(0), lease: { [Symbol.dispose]: () => undefined } }

const bytesOf = async (hub: Hub, request: FastifyRequest, device: DeviceTable) =>
  lengthOf(request) === 0
    ? NO_BYTES
    : takeBytes(hub.commands.budget, { request, payer: device.organisation_id }, hub.signal)

/** Rounds and attempts are small numbers. */
const NUMBER = /^[1-9]\d{0,5}$/

function placeOf({ params }: FastifyRequest) {
  const { campaign, round = '', attempt = '' } = params as { campaign?: string; round?: string; attempt?: string }
  const id = CampaignId.safeParse(campaign)
  if (!id.success || !NUMBER.test(round) || !NUMBER.test(attempt)) throw problem('campaign_unknown')
  return { campaign: id.data, round: Number(round), attempt: Number(attempt) }
}

/** Node limits all headers together to 16 KiB. */
function reportOf({ headers }: FastifyRequest): CampaignReport {
  const text = headers[REPORT_HEADER]
  const report = CampaignReport.safeParse(parsed(typeof text === 'string' ? text : ''))
  if (!report.success)
    throw problem('input_invalid', `the header ${REPORT_HEADER} has no report that this hub can read`)
  return report.data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
