/** Procedures on remote access: grants, sessions and their recordings. */
import * as z from 'zod'
import {
  AccessGrant,
  AccessRecording,
  AccessSession,
  AccessSpec,
  AccessState,
  AccessTicket,
  AccessWish,
  RECORDING_BYTES_MAX,
} from '../../access/access.ts'
import { AccessGrantId, AccessSessionId } from '../../values/ids.ts'
import { InstantMs, Page, pageOf, Reason } from '../../values/names.ts'
import { procedure } from '../procedure.ts'
import { DeviceReference } from './device-procedures.ts'

export const accessProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/access-grants',
    access: 'access.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List grants of remote access, newest first',
    errors: ['device_unknown'],
  })
    .input(z.strictObject({ ...Page, device: DeviceReference.optional(), state: AccessState.optional() }))
    .output(pageOf(AccessGrant)),
  sessions: procedure({
    method: 'GET',
    path: '/v1/access-sessions',
    access: 'access.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List sessions of remote access, newest first',
    errors: ['device_unknown'],
  })
    .input(z.strictObject({ ...Page, device: DeviceReference.optional(), grant: AccessGrantId.optional() }))
    .output(pageOf(AccessSession)),
  request: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/access-grants',
    access: 'access.request',
    scope: 'named',
    approval: 'access',
    summary: 'Get a grant: the right to reach one device for a while, for a reason',
    errors: ['device_unknown', 'device_quarantined', 'access_full', 'moderation_needed', 'approval_needed'],
  })
    .input(AccessSpec.safeExtend({ device: DeviceReference }))
    .output(AccessGrant),
  revoke: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/access-grants/{grant}/revoke',
    access: 'access.request',
    scope: 'named',
    approval: 'none',
    summary: 'Revoke a grant at once; its open sessions end',
    errors: ['device_unknown', 'grant_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference, grant: AccessGrantId, reason: Reason }))
    .output(AccessGrant),
  open: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/access-sessions',
    access: 'access.open',
    scope: 'named',
    approval: 'none',
    summary: 'Open a session under a grant of your own; connect to its WebSocket with the ticket within 30 s',
    errors: [
      'device_unknown',
      'grant_unknown',
      'grant_expired',
      'grant_revoked',
      'grant_exceeded',
      'moderation_needed',
      'access_full',
    ],
  })
    .input(
      z.strictObject({
        device: DeviceReference,
        /** The newest grant that covers the wish, if absent. */
        grant: AccessGrantId.optional(),
        wish: AccessWish,
      }),
    )
    .output(z.strictObject({ session: AccessSession, ticket: AccessTicket, expiresAtMs: InstantMs })),
  recording: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/access-sessions/{accessSession}/recording',
    access: 'access.replay',
    scope: 'named',
    approval: 'none',
    // It changes nothing, but is audited all the same, because terminals show secrets.
    isReadOnly: false,
    summary: 'Fetch the recording of a terminal, as asciicast v2',
    errors: ['device_unknown', 'access_session_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference, accessSession: AccessSessionId }))
    .output(
      z.strictObject({
        /** Absent while the session is open. */
        recording: AccessRecording.optional(),
        text: z.string().max(RECORDING_BYTES_MAX * 2),
      }),
    ),
  watch: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/access-sessions/{accessSession}/watch',
    access: 'access.replay',
    scope: 'named',
    approval: 'none',
    summary: 'Begin to watch a terminal of another person while it is open; then fetch its new parts each second',
    errors: ['device_unknown', 'access_session_unknown', 'access_unwatched', 'access_full'],
  })
    .input(z.strictObject({ device: DeviceReference, accessSession: AccessSessionId }))
    .output(AccessSession),
  live: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/access-sessions/{accessSession}/live',
    access: 'access.replay',
    scope: 'named',
    approval: 'none',
    summary: 'Fetch the new parts of a terminal that you watch, as asciicast v2',
    errors: ['device_unknown', 'access_session_unknown', 'access_unwatched'],
  })
    .input(
      z.strictObject({
        device: DeviceReference,
        accessSession: AccessSessionId,
        /** `next` of the answer before. */
        after: z.coerce.number<number | string>().int().min(0).default(0),
      }),
    )
    .output(
      z.strictObject({
        session: AccessSession,
        text: z.string().max(RECORDING_BYTES_MAX * 2),
        next: z.int().min(0),
      }),
    ),
  stop: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/access-sessions/{accessSession}/stop',
    access: 'access.request',
    scope: 'named',
    approval: 'none',
    summary: 'End one session at once; its grant stays',
    errors: ['device_unknown', 'access_session_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference, accessSession: AccessSessionId, reason: Reason }))
    .output(AccessSession),
}
