/** Procedures on devices and on the tokens that they join with. */
import * as z from 'zod'
import { DeviceClass } from '../../builds/measurement.ts'
import { Device, DeviceDetail } from '../../devices/device.ts'
import { DeviceEvent, DeviceEventKind } from '../../devices/device-event.ts'
import { DeviceInstallation } from '../../joining/device-installation.ts'
import {
  JoiningRules,
  JoinReply,
  JoinRequest,
  JoinToken,
  JoinTokenSpec,
  KeyFingerprint,
  RejoinReply,
  RejoinRequest,
  WaitingDevice,
} from '../../joining/join.ts'
import { DeviceId, JoinTokenId } from '../../values/ids.ts'
import { FilterText, InstantMs, Labels, Name, Page, pageOf, Reason, SelectorText } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

/** A device as people name it: by its name or its id. */
export const DeviceReference = z.union([DeviceId, Name])

const one = z.strictObject({ device: DeviceReference })
const because = z.strictObject({ device: DeviceReference, reason: Reason })

const facts = {
  list: procedure({
    method: 'GET',
    path: '/v1/devices',
    access: 'fleet.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List devices that a selector picks, or that fit the words of a filter',
    errors: ['selector_invalid', 'filter_invalid'],
  })
    /** `filter` holds words, such as `anomaly site:oslo`, or a selector. A device fits if it fits all that is given. */
    .input(
      z.strictObject({
        ...Page,
        selector: SelectorText.optional(),
        site: Name.optional(),
        filter: FilterText.optional(),
      }),
    )
    .output(pageOf(Device)),
  classes: procedure({
    method: 'GET',
    path: '/v1/device-classes',
    access: 'fleet.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List the classes of hardware in the fleet, largest first',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rows: z.array(DeviceClass) })),
  get: procedure({
    method: 'GET',
    path: '/v1/devices/{device}',
    access: 'fleet.read',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'Show a device with everything it reports',
    errors: ['device_unknown'],
  })
    .input(one)
    .output(DeviceDetail),
  events: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/events',
    access: 'fleet.read',
    scope: 'named',
    approval: 'none',
    summary: 'List the events of a device, newest first, as reported; steps between two reports may be missing',
    errors: ['device_unknown'],
  })
    .input(z.strictObject({ ...Page, device: DeviceReference, kind: DeviceEventKind.optional() }))
    .output(pageOf(DeviceEvent)),
  relabel: procedure({
    method: 'PUT',
    path: '/v1/devices/{device}/labels',
    access: 'device.write',
    scope: 'named',
    approval: 'deployments',
    entity: 'device',
    summary: 'Replace the labels of a device',
    errors: ['approval_needed', 'device_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference, labels: Labels, ifRevision: z.int().min(1).optional() }))
    .output(Device),
  approve: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/approve',
    access: 'device.write',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'Approve a pending device; with the fingerprint of a key, only if the device has that key',
    errors: ['device_unknown', 'device_status_refused', 'key_fingerprint_wrong'],
  })
    .input(z.strictObject({ device: DeviceReference, keyFingerprint: KeyFingerprint.optional() }))
    .output(Device),
  deny: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/deny',
    access: 'device.write',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'Deny a pending device. The hub then rejects it until you remove it',
    errors: ['device_unknown', 'device_status_refused'],
  })
    .input(because)
    .output(Device),
}

const actions = {
  waiting: procedure({
    method: 'GET',
    path: '/v1/join-requests',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    summary: 'List pending devices, with their own statements about themselves',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(WaitingDevice)),
  joiningRules: procedure({
    method: 'GET',
    path: '/v1/joining-rules',
    access: 'organisation.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show whether each device needs approval',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(JoiningRules),
  setJoiningRules: procedure({
    method: 'PUT',
    path: '/v1/joining-rules',
    access: 'organisation.write',
    scope: 'none',
    approval: 'none',
    summary: 'Set whether each device needs approval',
    errors: [],
  })
    .input(JoiningRules)
    .output(JoiningRules),
  resume: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/resume',
    access: 'device.write',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'Let this hub control a conflict-paused device again',
    errors: ['device_unknown', 'device_status_refused'],
  })
    .input(because)
    .output(Device),
  retry: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/retry',
    access: 'device.write',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'Let a device try a failed version again',
    errors: ['device_unknown', 'deployment_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference, deployment: Name }))
    .output(
      z.strictObject({
        retryToken: z.int().min(1),
        /** Set if the device has reported no failure of the deployment, so that there is nothing to try again. */
        nothingFailed: z.literal(true).optional(),
      }),
    ),
  quarantine: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/quarantine',
    access: 'device.write',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'Put a device into quarantine: it gets no changes, and continues to serve',
    errors: ['device_unknown', 'device_status_refused'],
  })
    .input(because)
    .output(Device),
  release: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/release',
    access: 'device.write',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'End the quarantine of a device',
    errors: ['device_unknown', 'device_status_refused'],
  })
    .input(because)
    .output(Device),
  wipe: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/wipe',
    access: 'device.wipe',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'Wipe a quarantined or revoked device: it deletes its models, keys, secrets and identity',
    errors: ['device_unknown', 'device_status_refused', 'wipe_unconfirmed'],
  })
    /** `confirm` is the name of the device, typed by the person. */
    .input(z.strictObject({ ...because.shape, confirm: z.string().max(63) }))
    .output(Device),
  revoke: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/revoke',
    access: 'device.write',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'Revoke a device: the hub rejects it from now on; it continues to serve',
    errors: ['device_unknown', 'device_status_refused'],
  })
    .input(because)
    .output(Device),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/devices/{device}',
    access: 'device.write',
    scope: 'named',
    approval: 'none',
    entity: 'device',
    summary: 'Forget a device',
    errors: ['device_unknown', 'pair_refused'],
  })
    .input(one)
    .output(z.strictObject({})),
  join: procedure({
    method: 'POST',
    path: '/v1/join',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Join as a device, with a join token; a repetition changes nothing',
    errors: ['device_quota_reached', 'token_refused', 'csr_invalid', 'device_revoked', 'join_denied'],
  })
    .input(JoinRequest)
    .output(JoinReply),
  rejoin: procedure({
    method: 'POST',
    path: '/v1/rejoin',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Renew an expired certificate with its key; a repetition changes nothing',
    errors: ['certificate_invalid', 'csr_invalid', 'device_revoked', 'device_quarantined', 'certificate_lapsed_long'],
  })
    .input(RejoinRequest)
    .output(RejoinReply),
}

/** The type is written out, because the compiler writes no inferred type of this length. */
export const deviceProcedures: typeof facts & typeof actions = { ...facts, ...actions }

export const tokenProcedures = {
  create: procedure({
    method: 'POST',
    path: '/v1/join-tokens',
    access: 'token.write',
    scope: 'none',
    approval: 'none',
    summary: 'Create a join token; its text is shown only once',
    errors: ['site_unknown'],
  })
    .input(JoinTokenSpec)
    .output(z.strictObject({ token: z.string(), record: JoinToken, installation: DeviceInstallation.optional() })),
  list: procedure({
    method: 'GET',
    path: '/v1/join-tokens',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    summary: 'List join tokens',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(JoinToken)),
  revoke: procedure({
    method: 'POST',
    path: '/v1/join-tokens/{token}/revoke',
    access: 'token.write',
    scope: 'none',
    approval: 'none',
    entity: 'token',
    summary: 'Revoke a join token: no further device can join with it',
    errors: ['token_unknown'],
  })
    .input(z.strictObject({ token: JoinTokenId }))
    .output(z.strictObject({ revokedAtMs: InstantMs })),
}
