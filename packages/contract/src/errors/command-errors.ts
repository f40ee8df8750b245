/** The error codes that are about asking one device something over its link. */
export const commandErrors = {
  device_unreachable: { status: 409, message: 'the device is not connected now; "skerry device show" says since when' },
  hub_peer_unreachable: {
    status: 502,
    message: 'another hub of the database cannot be reached by this one; the message says which, and where',
  },
  device_outdated: {
    status: 409,
    message: "the device's agent is too old to be asked this; update the agent, then ask again",
  },
  device_busy: { status: 429, message: 'the device has enough to do; ask again in a moment' },
  hub_busy: { status: 429, message: 'the hub has too much to do at once; ask again in a moment' },
  command_timeout: {
    status: 504,
    message: 'the device did not answer in time; ask again, with a longer timeoutMs or less to compute',
  },
  command_cancelled: { status: 499, message: 'whoever asked went away before the device answered' },
  command_unknown: { status: 404, message: 'no such command, or it is over; there is nothing to do' },
  command_failed: { status: 422, message: 'the device could not do what it was asked; the message says why' },
  model_unserved: {
    status: 409,
    message: 'the device does not serve the model or version now; "skerry device show" lists what it serves',
  },
  inference_refused: { status: 422, message: 'the inputs do not fit the model; the message names what is wrong' },
  inference_failed: { status: 422, message: 'the model failed on these inputs; the message says how' },
  answer_too_large: { status: 422, message: 'the answer is over 32 MiB; ask for fewer outputs or a smaller batch' },
  source_unknown: { status: 404, message: 'the device runs no such source; "skerry source ls --device" lists them' },
  tag_unknown: { status: 404, message: 'the source has no such tag on the device; "skerry source show" lists them' },
  flow_unknown: {
    status: 404,
    message: 'the device runs no such flow now; "skerry device show" lists what it runs',
  },
  watchers_full: { status: 429, message: 'too much is being watched at once; end a watch, or try again later' },
  tag_interlocked: {
    status: 409,
    message: 'the interlock of the tag is not fulfilled, so nothing was written; the message says by what',
  },
  write_refused: { status: 422, message: 'nothing was written; the message says why' },
  write_unverified: { status: 502, message: 'it may have been written, or not: read the tag before anything else' },
  source_refused: { status: 422, message: 'the device cannot run what the source says; the message says why' },
  browse_unknown: { status: 422, message: 'equipment of this protocol does not say what it has' },
  browse_failed: { status: 422, message: 'the equipment did not say what lies there; the message says why' },
} as const satisfies Record<string, { status: number; message: string }>
