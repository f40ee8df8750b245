/** Update route: receives the reports of devices about their parts of a round, with the bytes of updates and of sums. */
import { SUM_HEADER, SumReport } from '@skerry/contract/campaigns/site-sum'
import { CampaignReport, REPORT_HEADER, UPDATE_BYTES_MAX } from '@skerry/contract/campaigns/update'
import { CampaignId } from '@skerry/contract/values/ids'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { lengthOf, takeBytes } from '../commands/command-bytes.ts'
import { acceptBytesOnly } from '../http/byte-routes.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { callingDevice } from '../link/calling-device.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { takeSum } from './site-sums/take-sum.ts'
import { takeReport } from './take-report.ts'

/** Adds the routes. Their bytes count in the memory budget of the bytes of commands, for the organisation of the device. */
export async function installUpdateRoute(app: FastifyInstance, hub: Hub): Promise<void> {
  await app.register(async (scope) => {
    acceptBytesOnly(scope)
    const devices = new WeakMap<FastifyRequest, DeviceTable>()
    // The hub identifies the device before it reads a byte of the body.
    scope.addHook(
      'onRequest',
      async (request) => void devices.set(request, await callingDevice(hub, request, 'campaignUpdate')),
    )
    type Received = ReturnType<typeof placeOf> & { device: DeviceTable; bytes: Uint8Array }
    const add = (path: string, take: (request: FastifyRequest, received: Received) => Promise<object>) =>
      scope.put(`${path}/:campaign/:round/:attempt`, { bodyLimit: UPDATE_BYTES_MAX }, async (request) => {
        const device = devices.get(request)
        if (!device) throw new Error('an update came without its device')
        const place = placeOf(request)
        const { bytes, lease } = await bytesOf(hub, request, device)
        using _lease = lease
        return await take(request, { ...place, device, bytes })
      })
    add('/v1/campaign-updates', (request, received) =>
      takeReport(hub, { ...received, report: reportIn(request, REPORT_HEADER, CampaignReport) }),
    )
    add('/v1/campaign-sums', (request, received) =>
      takeSum(hub, { ...received, report: reportIn(request, SUM_HEADER, SumReport) }),
    )
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
function reportIn<Report>({ headers }: FastifyRequest, header: string, schema: z.ZodType<Report>): Report {
  const text = headers[header]
  const report = schema.safeParse(parsed(typeof text === 'string' ? text : ''))
  if (!report.success) throw problem('input_invalid', `the header ${header} has no report that this hub can read`)
  return report.data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
