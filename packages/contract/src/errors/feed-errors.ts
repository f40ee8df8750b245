/** The error codes about model feeds. A feed's own problems are in contract/model-feeds. */
export const feedErrors = {
  model_feed_unknown: { status: 404, message: 'no such model feed; "skerry model-feed ls" lists them' },
  model_feed_refused: { status: 422, message: 'the model feed cannot be used so; the message names the reason' },
} as const satisfies Record<string, { status: number; message: string }>
