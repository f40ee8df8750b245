/**
 * DDI routes: the paths of the protocol on the DDI port. [hawkBit, "Direct Device Integration API"]
 *
 *     GET  /:tenant/controller/v1/:controller                                      poll
 *     GET  /:tenant/controller/v1/:controller/deploymentBase/:action               the order
 *     POST .../deploymentBase/:action/feedback                                     progress and result
 *     GET, POST .../cancelAction/:action, .../cancelAction/:action/feedback        the order to cancel
 *     GET, POST .../confirmationBase/:action, .../confirmationBase/:action/feedback  the question to the owner
 *     PUT  .../configData                                                          attributes
 *     GET  .../softwaremodules/:action/artifacts/:file                             the image, in ranges too
 */
import { DdiState } from '@skerry/contract/ddi/ddi-device'
import { DdiConfigData, DdiConfirmation, DdiFeedback } from '@skerry/contract/ddi/ddi-feedback'
import { withAttributes } from '@skerry/core/ddi/ddi-attributes'
import { takeCancelFeedback, takeConfirmation, takeFeedback } from '@skerry/core/ddi/ddi-feedback'
import type { DdiAction } from '@skerry/core/ddi/ddi-record'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { sendDigest } from '../http/byte-routes.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { refuseQuarantined } from '../link/device-identity.ts'
import type { DdiDesk } from './ddi-desk.ts'
import {
  cancelDocument,
  confirmationDocument,
  type DdiPlace,
  deploymentDocument,
  fileNameOf,
  rootDocument,
} from './ddi-documents.ts'
import { identifyController } from './ddi-identity.ts'
import { offeredImage } from './ddi-image.ts'
import { type DdiRow, recordOf } from './ddi-store.ts'

const DEVICE = '/:tenant/controller/v1/:controller'

/** The owner of the device has accepted the image, or need not. */
const ORDERED: readonly DdiState[] = DdiState.exclude(['asked']).options

type Params = { tenant: string; controller: string; action?: string; file?: string }

/** Adds the paths. Each one first identifies the device, before it reads a body. */
export function installDdiRoutes(app: FastifyInstance, hub: Hub, desk: DdiDesk): void {
  const rows = new WeakMap<FastifyRequest, DdiRow>()
  app.addHook('onRequest', async (request) => {
    if (request.is404) return
    const { tenant, controller } = request.params as Params
    const { authorization } = request.headers
    const caller = { tenant, controllerId: controller, authorization, source: request.ip }
    rows.set(request, await identifyController(hub, caller))
  })
  const rowOf = (request: FastifyRequest): DdiRow => {
    const row = rows.get(request)
    if (!row) throw new Error('a request came without its device')
    return row
  }
  installOrders(app, hub, { desk, rowOf })
  installMessages(app, hub, { desk, rowOf })
}

type Desk = { desk: DdiDesk; rowOf(request: FastifyRequest): DdiRow }

function installOrders(app: FastifyInstance, hub: Hub, { desk, rowOf }: Desk): void {
  const offerOf = async (request: FastifyRequest, states: readonly DdiState[]) => {
    const row = rowOf(request)
    // As for an agent, no byte of an image reaches a device in quarantine.
    refuseQuarantined(row)
    const action = presentAction(request, row, states)
    return { row, action, offered: await offeredImage(hub.store.db, row.organisation_id, action) }
  }
  app.get(DEVICE, async (request) => {
    const row = rowOf(request)
    const { record, offer, pollMs } = await desk.poll(row)
    return rootDocument(placeOf(request), offer, { pollMs, wantsAttributes: record.attributes === undefined })
  })
  app.get(`${DEVICE}/deploymentBase/:action`, async (request) => {
    const { row, action, offered } = await offerOf(request, ORDERED)
    await desk.see(row, action.id)
    return deploymentDocument(placeOf(request), action, offered)
  })
  app.get(`${DEVICE}/confirmationBase/:action`, async (request) => {
    const { action, offered } = await offerOf(request, DdiState.options)
    return confirmationDocument(placeOf(request), action, offered)
  })
  app.get(`${DEVICE}/cancelAction/:action`, async (request) => {
    return cancelDocument(presentAction(request, rowOf(request), ['cancelling']))
  })
  app.route({
    method: ['GET', 'HEAD'],
    url: `${DEVICE}/softwaremodules/:action/artifacts/:file`,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const { row, action, offered } = await offerOf(request, ORDERED)
      const { digest, image } = offered
      const { file } = request.params as Params
      const name = fileNameOf(action)
      if (file === `${name}.MD5SUM`) return reply.type('text/plain').send(`${image.md5}  ${name}\n`)
      if (file !== name) throw problem('ddi_action_unknown')
      return sendDigest(hub, request, reply, { organisationId: row.organisation_id, digest })
    },
  })
}

function installMessages(app: FastifyInstance, hub: Hub, { desk, rowOf }: Desk): void {
  const said = (request: FastifyRequest) => ({ actionId: actionIdOf(request), nowMs: hub.clock.nowMs() })
  app.post(`${DEVICE}/deploymentBase/:action/feedback`, async (request) => {
    const feedback = parse(DdiFeedback, request.body)
    await desk.hear(rowOf(request), (record) => takeFeedback(record, feedback, said(request)))
    return {}
  })
  app.post(`${DEVICE}/cancelAction/:action/feedback`, async (request) => {
    const feedback = parse(DdiFeedback, request.body)
    await desk.hear(rowOf(request), (record) => takeCancelFeedback(record, feedback, said(request)))
    return {}
  })
  app.post(`${DEVICE}/confirmationBase/:action/feedback`, async (request) => {
    const answer = parse(DdiConfirmation, request.body)
    await desk.hear(rowOf(request), (record) => takeConfirmation(record, answer, said(request)))
    return {}
  })
  app.put(`${DEVICE}/configData`, async (request) => {
    const data = parse(DdiConfigData, request.body)
    await desk.hear(rowOf(request), (record) => withAttributes(record, data))
    return {}
  })
}

/** The action of the path, which must be the present one of this device, in one of the states. */
function presentAction(request: FastifyRequest, row: DdiRow, states: readonly DdiState[]): DdiAction {
  const { action } = recordOf(row)
  if (action?.id !== actionIdOf(request) || !states.includes(action.state)) throw problem('ddi_action_unknown')
  return action
}

function actionIdOf(request: FastifyRequest): number {
  const { action = '' } = request.params as Params
  return /^[1-9]\d{0,8}$/.test(action) ? Number(action) : 0
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw problem('input_invalid', `${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
}

/**
 * The address that the device used, so that its links work behind a proxy and by any name. A wrong header harms only
 * the sender.
 */
function placeOf(request: FastifyRequest): DdiPlace {
  const { tenant, controller } = request.params as Params
  const host = /^[A-Za-z0-9.:[\]-]{1,255}$/.exec(request.headers.host ?? '')?.[0]
  if (host === undefined) throw problem('input_invalid', 'send the address of the hub as the header Host')
  return { origin: `https://${host}`, tenant, controllerId: controller }
}
