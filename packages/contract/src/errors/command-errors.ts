/** The error codes about commands to one device over its link. */
export const commandErrors = {
  device_unreachable: { status: 409, message: 'the device is not connected now; "skerry device show" says since when' },
  hub_peer_unreachable: {
    status: 502,
    message: 'this hub cannot reach another hub of the same database; the message says which, and at which address',
  },
  device_outdated: {
    status: 409,
    message: 'the agent of the device is too old for this request; update the agent, then try again',
  },
  device_busy: { status: 429, message: 'the device works on as many requests as it can; try again in a moment' },
  hub_busy: { status: 429, message: 'the hub works on as many requests as it can; try again in a moment' },
  command_timeout: {
    status: 504,
    message: 'the device did not answer in time; try again with a longer timeoutMs or less to compute',
  },
  command_cancelled: { status: 499, message: 'the caller left before the device answered' },
  command_unknown: { status: 404, message: 'no such command, or it has ended; there is nothing to do' },
  command_failed: { status: 422, message: 'the device could not carry out the request; the message says why' },
  model_unserved: {
    status: 409,
    message: 'the device does not serve the model or version now; "skerry device show" lists what it serves',
  },
  inference_refused: { status: 422, message: 'the inputs do not fit the model; the message names what is wrong' },
  inference_failed: { status: 422, message: 'the model failed on these inputs; the message says how' },
  answer_too_large: { status: 422, message: 'the answer is over 32 MiB; request fewer outputs or a smaller batch' },
  source_unknown: { status: 404, message: 'the device runs no such source; "skerry source ls --device" lists them' },
  tag_unknown: { status: 404, message: 'the source has no such tag on the device; "skerry source show" lists them' },
  app_unknown: {
    status: 404,
    message: 'the device runs no such app or service now; "skerry device show" lists what it runs',
  },
  stream_unknown: {
    status: 409,
    message: 'the agent of the device does not know this kind of stream; update the agent, then try again',
  },
  stream_refused: {
    status: 502,
    message: 'the device could not reach the target of the stream; the message says which, and why',
  },
  access_refused: {
    status: 403,
    message: 'the device itself does not allow this access; the message names the option of its agent',
  },
  flow_unknown: {
    status: 404,
    message: 'the device runs no such flow now; "skerry device show" lists what it runs',
  },
  watchers_full: { status: 429, message: 'too many watches are open at once; end one, or try again later' },
  tag_interlocked: {
    status: 409,
    message: 'the interlock of the tag is not fulfilled, so nothing was written; the message names the condition',
  },
  write_refused: { status: 422, message: 'nothing was written; the message says why' },
  write_unverified: {
    status: 502,
    message: 'the value may or may not have been written; read the tag before you do anything else',
  },
  source_refused: { status: 422, message: 'the device cannot run the source; the message says why' },
  browse_unknown: { status: 422, message: 'equipment of this protocol cannot list its points' },
  browse_failed: { status: 422, message: 'the equipment did not list its points there; the message says why' },
} as const satisfies Record<string, { status: number; message: string }>
