/** Procedures on devices and on the tokens that they join with. */
import * as z from 'zod'
import { Device, DeviceDetail } from '../device.ts'
import { DeviceId, JoinTokenId } from '../ids.ts'
import { JoinReply, JoinRequest, JoinToken, JoinTokenSpec } from '../join.ts'
import { InstantMs, Labels, Name, Page, pageOf, Reason, SelectorText } from '../names.ts'
import { procedure } from './procedure.ts'

/** A device as people name it: by its name or its id. */
export const DeviceReference = z.union([DeviceId, Name])

const one = z.strictObject({ device: DeviceReference })
const because = z.strictObject({ device: DeviceReference, reason: Reason })

export const deviceProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/devices',
    access: 'fleet.read',
    summary: 'List devices that a selector picks',
    errors: ['selector_invalid'],
  })
    .input(z.strictObject({ ...Page, selector: SelectorText.optional() }))
    .output(pageOf(Device)),
  get: procedure({
    method: 'GET',
    path: '/v1/devices/{device}',
    access: 'fleet.read',
    summary: 'Show a device with everything it reports',
    errors: ['device_unknown'],
  })
    .input(one)
    .output(DeviceDetail),
  relabel: procedure({
    method: 'PUT',
    path: '/v1/devices/{device}/labels',
    access: 'device.write',
    summary: 'Replace the labels of a device',
    errors: ['device_unknown', 'revision_stale'],
  })
    .input(z.strictObject({ device: DeviceReference, labels: Labels, ifRevision: z.int().min(1).optional() }))
    .output(Device),
  approve: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/approve',
    access: 'device.write',
    summary: 'Let a pending device in',
    errors: ['device_unknown', 'device_status_refused'],
  })
    .input(one)
    .output(Device),
  resume: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/resume',
    access: 'device.write',
    summary: 'Let this hub steer a conflict-paused device again',
    errors: ['device_unknown', 'device_status_refused'],
  })
    .input(because)
    .output(Device),
  retry: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/retry',
    access: 'device.write',
    summary: 'Have a device try again what it remembers as failed',
    errors: ['device_unknown', 'deployment_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference, deployment: Name }))
    .output(z.strictObject({ retryToken: z.int().min(1) })),
  revoke: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/revoke',
    access: 'device.write',
    summary: 'Refuse a device from now on; it goes on serving what it has',
    errors: ['device_unknown', 'device_status_refused'],
  })
    .input(because)
    .output(Device),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/devices/{device}',
    access: 'device.write',
    summary: 'Forget a device',
    errors: ['device_unknown'],
  })
    .input(one)
    .output(z.strictObject({})),
  join: procedure({
    method: 'POST',
    path: '/v1/join',
    access: 'public',
    summary: 'Become a device, with a join token; asking again changes nothing',
    errors: ['token_refused', 'csr_invalid', 'device_revoked'],
  })
    .input(JoinRequest)
    .output(JoinReply),
}

export const tokenProcedures = {
  create: procedure({
    method: 'POST',
    path: '/v1/join-tokens',
    access: 'token.write',
    summary: 'Make a join token; its text is shown this once',
    errors: ['site_unknown'],
  })
    .input(JoinTokenSpec)
    .output(z.strictObject({ token: z.string(), record: JoinToken })),
  list: procedure({
    method: 'GET',
    path: '/v1/join-tokens',
    access: 'fleet.read',
    summary: 'List join tokens',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(JoinToken)),
  revoke: procedure({
    method: 'POST',
    path: '/v1/join-tokens/{token}/revoke',
    access: 'token.write',
    summary: 'Let nobody else join with a token',
    errors: ['token_unknown'],
  })
    .input(z.strictObject({ token: JoinTokenId }))
    .output(z.strictObject({ revokedAtMs: InstantMs })),
}
