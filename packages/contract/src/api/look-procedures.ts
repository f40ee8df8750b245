/** Procedures that look at what a device runs, once or every second for as long as somebody listens. One question to the device serves all who watch the same. */
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { TAGS_READ_MAX } from '../devices/device-command.ts'
import { FlowLook } from '../flows/flow-look.ts'
import { LookAway } from '../hub/look.ts'
import { SourceLook } from '../sources/source-look.ts'
import { TagName } from '../sources/tag.ts'
import { Name } from '../values/names.ts'
import { unanswered } from './fleet/device-command-procedures.ts'
import { DeviceReference } from './fleet/device-procedures.ts'
import { procedure } from './procedure.ts'

const seen = { device: Name }

const ofFlow = z.strictObject({ device: DeviceReference, flow: Name })

export const flowLookProcedures = {
  look: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/flows/{flow}/look',
    access: 'connection.read',
    scope: 'named',
    approval: 'none',
    summary: 'Show a flow on a device as it runs: rates, newest values, and the queues of its sinks',
    errors: [...unanswered, 'flow_unknown'],
  })
    .input(ofFlow)
    .output(z.object({ ...seen, ...FlowLook.shape })),
  watch: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/flows/{flow}/watch',
    access: 'connection.read',
    scope: 'named',
    approval: 'none',
    summary:
      'Stream the same every second; if the device does not answer for a while, the stream reports that and continues',
    errors: [...unanswered, 'flow_unknown', 'watchers_full'],
  })
    .input(ofFlow)
    .output(eventIterator(z.discriminatedUnion('kind', [z.object({ ...seen, ...FlowLook.shape }), LookAway]))),
}

const ofSource = z.strictObject({
  device: DeviceReference,
  source: Name,
  /** All of the source, where absent; the first of them, where they are more than are told at once. */
  tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional(),
})

export const sourceLookProcedures = {
  look: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/sources/{source}/look',
    access: 'connection.read',
    scope: 'named',
    approval: 'none',
    isReadOnly: true,
    summary: 'Show a source on a device as it runs: its connection, its groups, and the newest value of each tag',
    errors: [...unanswered, 'source_unknown', 'tag_unknown'],
  })
    .input(ofSource)
    .output(z.object({ ...seen, ...SourceLook.shape })),
  watch: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/sources/{source}/watch',
    access: 'connection.read',
    scope: 'named',
    approval: 'none',
    isReadOnly: true,
    summary:
      'Stream the same every second; if the device does not answer for a while, the stream reports that and continues',
    errors: [...unanswered, 'source_unknown', 'tag_unknown', 'watchers_full'],
  })
    .input(ofSource)
    .output(eventIterator(z.discriminatedUnion('kind', [z.object({ ...seen, ...SourceLook.shape }), LookAway]))),
}
